"""Expressions that were read and planned once, over rows that are others each time.

Knows nothing of DuckDB but a connection's methods: `duck` is the door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class Prepared:
    """The statements of one connection, which one thread uses."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._statements: dict[tuple[str, pa.Schema], _Statement] = {}

    def __len__(self) -> int:
        return len(self._statements)

    def knows(self, select: str, schema: pa.Schema) -> bool:
        """Tell whether a query over columns of a schema was computed before."""
        return (select, schema) in self._statements

    def values(self, select: str, columns: pa.Table) -> pa.Array:
        """Return what ``SELECT …`` (one value) gives for each row of `columns`.

        Raises duckdb.Error: whatever it has against that.
        """
        known = self._statements.get((select, columns.schema))
        if known is None:
            known = _Statement(self._connection, f"s{len(self)}", select, columns.schema)
            self._statements[select, columns.schema] = known
        return known.values(columns)


class _Rows:
    """A table of one schema, seen through Arrow's C stream interface at each execution."""

    def __init__(self, schema: pa.Schema) -> None:
        self.columns = schema.empty_table()

    def __arrow_c_schema__(self) -> object:
        """Return what the columns are called and of which types they are."""
        return self.columns.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows that there are now."""
        return self.columns.__arrow_c_stream__(requested_schema)


class _Statement:
    """One expression over columns of one schema."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, name: str, select: str, schema: pa.Schema
    ) -> None:
        self._rows = _Rows(schema)
        self._connection = connection
        self._execute = f"EXECUTE {name}"
        connection.register(f"rows_of_{name}", self._rows)
        connection.execute(f"PREPARE {name} AS {select} AS v FROM rows_of_{name}")

    def values(self, columns: pa.Table) -> pa.Array:
        """Return the value for each row."""
        empty, self._rows.columns = self._rows.columns, columns
        try:
            table = self._connection.execute(self._execute).to_arrow_table()
        finally:
            self._rows.columns = empty
        return table.column(0).combine_chunks()
