"""The only door to DuckDB: in memory, one thread, bounded, no files, network or extensions.

What an expression may say is judged in `expressions`; here even one that said more would find
everything locked. Each thread has a connection of its own.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from gerador.events.columns.bounds import GROWTH_BYTES_MAX, OutOfTime, bounded, in_pieces
from gerador.events.columns.prepared import Prepared

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
_LOCKS: Final = (
    "SET TimeZone = 'UTC'",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""In this order: what comes after cannot be set any more."""
_FUNCTIONS: Final = """
    SELECT function_name, function_type, stability, parameters, macro_definition
    FROM duckdb_functions() WHERE function_type NOT IN ('pragma', 'table', 'table_macro')
"""
_local: Final = threading.local()


class Refused(ValueError):
    """What DuckDB says against an expression, in one line."""


class Function(NamedTuple):
    """A function of DuckDB's: `stability` is None for a macro, which has a definition."""

    kind: str
    stability: str | None
    parameters: tuple[str, ...]
    definition: str | None


def _connection() -> duckdb.DuckDBPyConnection:
    known: duckdb.DuckDBPyConnection | None = getattr(_local, "connection", None)
    if known is None:
        import duckdb  # noqa: PLC0415 - 0.1 s that only streams with SQL pay

        known = duckdb.connect(":memory:", config=_CONFIG)
        for lock in _LOCKS:
            known.execute(lock)
        _local.connection = known
    return known


def tree(expression: str) -> list[dict[str, Any]]:
    """Return the statements that ``SELECT (expression)`` says, as DuckDB's syntax trees.

    Raises Refused: it is no SQL.
    """
    query = "SELECT json_serialize_sql(?::VARCHAR)"
    rows = _connection().execute(query, [_select(expression)]).fetchall()
    found = json.loads(rows[0][0])
    if found["error"]:
        raise Refused(_line(str(found.get("error_message", "not an expression"))))
    return list(found["statements"])


@cache
def functions() -> dict[str, tuple[Function, ...]]:
    """Return what may stand in an expression before brackets, by its name in small letters."""
    found: dict[str, tuple[Function, ...]] = {}
    for name, kind, stability, parameters, definition in (
        _connection().execute(_FUNCTIONS).fetchall()
    ):
        named = tuple(parameters or ())
        made = Function(kind, stability, named, definition)
        found[name.lower()] = (*found.get(name.lower(), ()), made)
    return found


def computed(expression: str, columns: pa.Table) -> pa.Array:
    """Return the values of an expression for each row of `columns`.

    An expression over columns of the same schema is prepared once a thread: to read and to plan it
    costs more than a thousand rows do.

    Raises Refused: names or types that do not go together, a value that cannot be computed, or
    more time or memory than an expression may take.
    """
    prepared, select = _prepared(), _select(expression)
    # How heavy an expression is shows in its first rows, and it can be stopped behind each piece.
    rows = columns if prepared.knows(select, columns.schema) else in_pieces(columns)
    with _refusing():
        return prepared.values(select, rows)


def kind_of(expression: str, schema: pa.Schema) -> Any:
    """Return DuckDB's type of an expression over columns of a schema; no rows are needed.

    Raises Refused: names or types that do not go together.
    """
    with _over(pa.Table.from_batches([], schema)) as connection:
        return connection.sql(f"{_select(expression)} AS v FROM {ROWS}").types[0]


def _prepared() -> Prepared:
    """Return this thread's prepared statements; all are forgotten when they are too many."""
    known: Prepared | None = getattr(_local, "prepared", None)
    if known is not None and len(known) < STATEMENTS_MAX:
        return known
    _forget()
    _local.prepared = Prepared(_connection())
    return _prepared()


@contextmanager
def _over(columns: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend the thread's connection with `columns` as its only table.

    Raises Refused: whatever DuckDB raises meanwhile.
    """
    connection = _connection()
    with _refusing():
        connection.register(ROWS, columns)
        try:
            yield connection
        finally:
            connection.unregister(ROWS)


@contextmanager
def _refusing() -> Iterator[None]:
    """Bound what DuckDB does meanwhile, and raise Refused for whatever it raises."""
    import duckdb  # noqa: PLC0415 - 0.1 s that only streams with SQL pay

    try:
        with bounded(_connection().interrupt):
            yield
    except OutOfTime as e:
        _forget()
        raise Refused(str(e)) from e
    except (duckdb.OutOfMemoryException, MemoryError) as e:
        _forget()
        most = GROWTH_BYTES_MAX // 1024 // 1024
        raise Refused(f"it takes over {most} MiB of memory; make its values smaller") from e
    except duckdb.Error as e:
        raise Refused(_line(str(e))) from e


def _forget() -> None:
    """Let go of this thread's connection: another begins anew, with nothing left of this one."""
    _local.connection = None
    _local.prepared = None


def _select(expression: str) -> str:
    """Return the query; the line break ends a comment at the expression's end."""
    return f"SELECT ({expression}\n)"


def _line(message: str) -> str:
    """Return the first line of DuckDB's message, without what kind of error it calls itself."""
    line = message.strip().partition("\n")[0]
    return line.partition(" Error: ")[2] or line
