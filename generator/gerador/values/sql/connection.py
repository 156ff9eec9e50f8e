"""The DuckDB connection of each thread, locked down and limited, with its prepared statements. The only module that uses DuckDB."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from gerador.values.sql.resource_limits import (
    GROWTH_BYTES_MAX,
    TimeLimitExceeded,
    growing_slices,
    resources_limited,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb


MEMORY_BYTES_MAX: Final = 256 * 1024 * 1024
"""What DuckDB may hold for each thread's expressions."""
STATEMENTS_MAX: Final = 512
"""Expressions that a thread keeps prepared."""
ROWS: Final = "rows"
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "memory_limit": f"{MEMORY_BYTES_MAX // 1024 // 1024}MiB",
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
_LOCKDOWN: Final = (
    "SET TimeZone = 'UTC'",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""In this order: what comes after cannot be set any more."""
_FUNCTIONS: Final = """
    SELECT function_name, function_type, stability, parameters, macro_definition
    FROM duckdb_functions() WHERE function_type NOT IN ('pragma', 'table', 'table_macro')
"""
_thread_local: Final = threading.local()


class SqlError(ValueError):
    """What DuckDB says against an expression, in one line."""


class SqlFunction(NamedTuple):
    """A function of DuckDB's: `stability` is None for a macro, which has a definition."""

    kind: str
    stability: str | None
    parameters: tuple[str, ...]
    definition: str | None


def _connection() -> duckdb.DuckDBPyConnection:
    known: duckdb.DuckDBPyConnection | None = getattr(_thread_local, "connection", None)
    if known is None:
        import duckdb  # noqa: PLC0415 - 0.1 s that only streams with SQL pay

        known = duckdb.connect(":memory:", config=_CONFIG)
        for lock in _LOCKDOWN:
            known.execute(lock)
        _thread_local.connection = known
    return known


def syntax_tree(expression: str) -> list[dict[str, Any]]:
    """Return the statements that ``SELECT (expression)`` says, as DuckDB's syntax trees.

    Raises Refused: it is no SQL.
    """
    query = "SELECT json_serialize_sql(?::VARCHAR)"
    rows = _connection().execute(query, [_select(expression)]).fetchall()
    found = json.loads(rows[0][0])
    if found["error"]:
        raise SqlError(_first_line(str(found.get("error_message", "not an expression"))))
    return list(found["statements"])


@cache
def sql_functions() -> dict[str, tuple[SqlFunction, ...]]:
    """Return what may stand in an expression before brackets, by its name in small letters."""
    found: dict[str, tuple[SqlFunction, ...]] = {}
    for name, kind, stability, parameters, definition in (
        _connection().execute(_FUNCTIONS).fetchall()
    ):
        named = tuple(parameters or ())
        made = SqlFunction(kind, stability, named, definition)
        found[name.lower()] = (*found.get(name.lower(), ()), made)
    return found


def evaluate(expression: str, columns: pa.Table) -> pa.Array:
    """Return the values of an expression for each row of `columns`.

    An expression over columns of the same schema is prepared once a thread: to read and to plan it
    costs more than a thousand rows do.

    Raises Refused: names or types that do not go together, a value that cannot be computed, or
    more time or memory than an expression may take.
    """
    prepared, select = _prepared(), _select(expression)
    # How heavy an expression is shows in its first rows, and it can be stopped behind each piece.
    rows = columns if prepared.knows(select, columns.schema) else growing_slices(columns)
    with _translating_errors():
        return prepared.values(select, rows)


def sql_type_of(expression: str, schema: pa.Schema) -> Any:
    """Return DuckDB's type of an expression over columns of a schema; no rows are needed.

    Raises Refused: names or types that do not go together.
    """
    with _table_registered(pa.Table.from_batches([], schema)) as connection:
        return connection.sql(f"{_select(expression)} AS v FROM {ROWS}").types[0]


def _prepared() -> PreparedStatements:
    """Return this thread's prepared statements; all are forgotten when they are too many."""
    known: PreparedStatements | None = getattr(_thread_local, "prepared", None)
    if known is not None and len(known) < STATEMENTS_MAX:
        return known
    _discard_connection()
    _thread_local.prepared = PreparedStatements(_connection())
    return _prepared()


@contextmanager
def _table_registered(columns: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend the thread's connection with `columns` as its only table.

    Raises Refused: whatever DuckDB raises meanwhile.
    """
    connection = _connection()
    with _translating_errors():
        connection.register(ROWS, columns)
        try:
            yield connection
        finally:
            connection.unregister(ROWS)


@contextmanager
def _translating_errors() -> Iterator[None]:
    """Bound what DuckDB does meanwhile, and raise Refused for whatever it raises."""
    import duckdb  # noqa: PLC0415 - 0.1 s that only streams with SQL pay

    try:
        with resources_limited(_connection().interrupt):
            yield
    except TimeLimitExceeded as e:
        _discard_connection()
        raise SqlError(str(e)) from e
    except (duckdb.OutOfMemoryException, MemoryError) as e:
        _discard_connection()
        most = GROWTH_BYTES_MAX // 1024 // 1024
        raise SqlError(f"it takes over {most} MiB of memory; make its values smaller") from e
    except duckdb.Error as e:
        raise SqlError(_first_line(str(e))) from e


def _discard_connection() -> None:
    """Let go of this thread's connection: another begins anew, with nothing left of this one."""
    _thread_local.connection = None
    _thread_local.prepared = None


def _select(expression: str) -> str:
    """Return the query; the line break ends a comment at the expression's end."""
    return f"SELECT ({expression}\n)"


def _first_line(message: str) -> str:
    """Return the first line of DuckDB's message, without what kind of error it calls itself."""
    line = message.strip().partition("\n")[0]
    return line.partition(" Error: ")[2] or line


class PreparedStatements:
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


class _RowsView:
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
        self._rows = _RowsView(schema)
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
