"""The DuckDB connection of each thread, with limits and prepared statements.

The only module that imports DuckDB.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from gerador.errors import MissingExtraError
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
"""DuckDB's memory limit, per thread."""
STATEMENTS_MAX: Final = 512
"""Maximum number of prepared statements per thread."""
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
"""In this order: nothing can be set after `lock_configuration`."""
_FUNCTIONS: Final = """
    SELECT function_name, function_type, stability, parameters, macro_definition
    FROM duckdb_functions() WHERE function_type NOT IN ('pragma', 'table', 'table_macro')
"""
_thread_local: Final = threading.local()


class SqlError(ValueError):
    """An expression that is invalid, failed or exceeded a limit; one line."""


class SqlFunction(NamedTuple):
    """A function of DuckDB; a macro has a `definition` and no `stability`."""

    kind: str
    stability: str | None
    parameters: tuple[str, ...]
    definition: str | None


def _import_duckdb() -> Any:
    """Return the module duckdb, which takes 0.1 s to import. Raises MissingExtraError."""
    try:
        return import_module("duckdb")
    except ModuleNotFoundError as e:
        raise MissingExtraError("an sql value", e.name, "sql") from e


def _connection() -> duckdb.DuckDBPyConnection:
    connection: duckdb.DuckDBPyConnection | None = getattr(_thread_local, "connection", None)
    if connection is None:
        duckdb = _import_duckdb()
        connection = duckdb.connect(":memory:", config=_CONFIG)
        for statement in _LOCKDOWN:
            connection.execute(statement)
        _thread_local.connection = connection
    return connection


def syntax_tree(expression: str) -> list[dict[str, Any]]:
    """Return DuckDB's syntax trees of the statements in ``SELECT (expression)``.

    Raises SqlError: not SQL.
    """
    if "\0" in expression:
        raise SqlError("expression contains a NUL character")
    # As a literal: DuckDB imports pandas to convert parameters, which takes 0.3 s.
    literal = _select(expression).replace("'", "''")
    rows = _connection().execute(f"SELECT json_serialize_sql('{literal}')").fetchall()
    found = json.loads(rows[0][0])
    if found["error"]:
        raise SqlError(_first_line(str(found.get("error_message", "not an expression"))))
    return list(found["statements"])


@cache
def sql_functions() -> dict[str, tuple[SqlFunction, ...]]:
    """Return DuckDB's functions and macros by lower-case name."""
    found: dict[str, tuple[SqlFunction, ...]] = {}
    for name, kind, stability, parameters, definition in (
        _connection().execute(_FUNCTIONS).fetchall()
    ):
        function = SqlFunction(kind, stability, tuple(parameters or ()), definition)
        found[name.lower()] = (*found.get(name.lower(), ()), function)
    return found


def evaluate(expression: str, columns: pa.Table) -> pa.Array:
    """Return the value of an expression for each row of `columns`.

    A statement is prepared once per thread, expression and schema: parsing and planning cost more
    than a thousand rows.

    Raises SqlError: unknown names, type errors, a value that cannot be computed, or exceeded limits
    of time or memory.
    """
    prepared, select = _prepared(), _select(expression)
    # Small first batches reveal an expensive expression early: it can be stopped between batches.
    rows = columns if prepared.contains(select, columns.schema) else growing_slices(columns)
    with _translating_errors():
        return prepared.values(select, rows)


def sql_type_of(expression: str, schema: pa.Schema) -> Any:
    """Return DuckDB's type of an expression over columns of a schema.

    Raises SqlError: unknown names or type errors.
    """
    with _table_registered(pa.Table.from_batches([], schema)) as connection:
        return connection.sql(f"{_select(expression)} AS v FROM {ROWS}").types[0]


def _prepared() -> PreparedStatements:
    """Return this thread's prepared statements; all are discarded at `STATEMENTS_MAX`."""
    prepared: PreparedStatements | None = getattr(_thread_local, "prepared", None)
    if prepared is not None and len(prepared) < STATEMENTS_MAX:
        return prepared
    _discard_connection()
    _thread_local.prepared = PreparedStatements(_connection())
    return _prepared()


@contextmanager
def _table_registered(columns: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield this thread's connection with `columns` as its only table.

    Raises SqlError: any error of DuckDB in the block.
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
    """Limit time and memory of the block, and raise SqlError for any error of DuckDB."""
    duckdb = _import_duckdb()
    try:
        with resources_limited(_connection().interrupt):
            yield
    except TimeLimitExceeded as e:
        _discard_connection()
        raise SqlError(str(e)) from e
    except (duckdb.OutOfMemoryException, MemoryError) as e:
        _discard_connection()
        most = GROWTH_BYTES_MAX // 1024 // 1024
        raise SqlError(f"expression takes more than {most} MiB of memory; reduce its values") from e
    except duckdb.Error as e:
        raise SqlError(_first_line(str(e))) from e


def _discard_connection() -> None:
    """Discard this thread's connection; the next call opens a new one."""
    _thread_local.connection = None
    _thread_local.prepared = None


def _select(expression: str) -> str:
    """Return the query; the line break ends a trailing comment."""
    return f"SELECT ({expression}\n)"


def _first_line(message: str) -> str:
    """Return the first line of DuckDB's message, without the name of the error."""
    line = message.strip().partition("\n")[0]
    return line.partition(" Error: ")[2] or line


class PreparedStatements:
    """The prepared statements of one connection. Not thread-safe."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._statements: dict[tuple[str, pa.Schema], _Statement] = {}

    def __len__(self) -> int:
        return len(self._statements)

    def contains(self, select: str, schema: pa.Schema) -> bool:
        """Return whether a query over columns of a schema is prepared."""
        return (select, schema) in self._statements

    def values(self, select: str, columns: pa.Table) -> pa.Array:
        """Return the value of the query for each row of `columns`.

        Raises duckdb.Error.
        """
        statement = self._statements.get((select, columns.schema))
        if statement is None:
            statement = _Statement(self._connection, f"s{len(self)}", select, columns.schema)
            self._statements[select, columns.schema] = statement
        return statement.values(columns)


class _RowsView:
    """A table that can be replaced; DuckDB reads it by Arrow's C stream interface."""

    def __init__(self, schema: pa.Schema) -> None:
        self.columns = schema.empty_table()

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the table."""
        return self.columns.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the current rows."""
        return self.columns.__arrow_c_stream__(requested_schema)


class _Statement:
    """A prepared query over columns of one schema."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, name: str, select: str, schema: pa.Schema
    ) -> None:
        self._rows = _RowsView(schema)
        self._connection = connection
        self._execute = f"EXECUTE {name}"
        connection.register(f"rows_of_{name}", self._rows)
        connection.execute(f"PREPARE {name} AS {select} AS v FROM rows_of_{name}")

    def values(self, columns: pa.Table) -> pa.Array:
        """Return the value for each row of `columns`."""
        empty, self._rows.columns = self._rows.columns, columns
        try:
            table = self._connection.execute(self._execute).to_arrow_table()
        finally:
            self._rows.columns = empty
        return table.column(0).combine_chunks()
