"""Validate SQL expressions: only fields of the row and deterministic scalar functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gerador.errors import did_you_mean
from gerador.values.sql.connection import SqlError, sql_functions, syntax_tree

if TYPE_CHECKING:
    from collections.abc import Collection


_ALLOWED_CLASSES: Final = frozenset({
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
    "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "TYPE",
})  # fmt: skip
_CLASS_NAMES: Final = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window over other rows",
    "STAR": "'*'",
    "PARAMETER": "a parameter",
    "POSITIONAL_REFERENCE": "a column by its number",
}
BUILTIN_SCHEMA: Final = "main"
"""The schema of DuckDB's own functions, which brackets and braces are short for."""
NONDETERMINISTIC_FUNCTIONS: Final = frozenset({
    "current_localtime", "current_localtimestamp", "current_setting", "getvariable", "vector_type",
})  # fmt: skip
"""Functions that DuckDB 1.5 calls consistent though they look at a clock, settings, or how a block
is held; `age` of one time is another."""
_CLAUSES: Final = ("where_clause", "having", "sample", "qualify")


def referenced_fields(expression: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the names of fields that an expression reads, of those that are known.

    Raises Refused: it says more than it may, or names what is no field; one line.
    """
    reading = _FieldCollector(known)
    reading.look(_single_expression(syntax_tree(expression)), frozenset())
    return tuple(dict.fromkeys(reading.names))


def _single_expression(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the tree of the only value that is selected, from no table."""
    if len(statements) != 1:
        raise SqlError("more than one statement; give one expression")
    node = statements[0]["node"]
    if node["type"] != "SELECT_NODE" or node["from_table"]["type"] != "EMPTY":
        raise SqlError("it reads a table; only fields of the row can be read")
    if any(node.get(part) for part in (*_CLAUSES, "modifiers", "group_expressions")):
        raise SqlError("clauses around the expression; give one expression")
    if len(node["select_list"]) != 1 or node["cte_map"]["map"]:
        raise SqlError("more than one value; give one expression")
    value: dict[str, Any] = node["select_list"][0]
    return value


class _FieldCollector:
    """One reading of a tree: the names of fields that it meets."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self.names: list[str] = []

    def look(self, node: Any, bound: frozenset[str]) -> None:
        """Look at all of a tree; `bound` are the names of lambdas' parameters around it."""
        if isinstance(node, list):
            for part in node:
                self.look(part, bound)
        if not isinstance(node, dict):
            return
        match node.get("class"):
            case "COLUMN_REF":
                self._look_at_name(str(node["column_names"][0]), bound)
            case "LAMBDA":
                parameters = frozenset(_parameters(node["lhs"]))
                self.look(node["expr"], bound | parameters)
            case word:
                self._look_inside(word, node, bound)

    def _look_inside(self, word: str | None, node: dict[str, Any], bound: frozenset[str]) -> None:
        if word is not None and word not in _ALLOWED_CLASSES:
            said = _CLASS_NAMES.get(word, word.lower().replace("_", " "))
            raise SqlError(f"{said}; only fields of the row and functions of them can stand here")
        if word == "FUNCTION":
            _check_function(node)
        self.look(list(node.values()), bound)

    def _look_at_name(self, name: str, bound: frozenset[str]) -> None:
        if name in bound:
            return
        if name not in self._known:
            raise SqlError(f"no field {name!r}{did_you_mean(name, self._known)}")
        twin = next((n for n in self.names if n != name and n.lower() == name.lower()), None)
        if twin is not None:
            raise SqlError(f"{twin!r} and {name!r} are one name in SQL; rename a field")
        self.names.append(name)


def _parameters(node: Any) -> list[str]:
    """Return the names of a lambda's parameters: one column, or a row of them."""
    if isinstance(node, list):
        return [name for part in node for name in _parameters(part)]
    if not isinstance(node, dict):
        return []
    if node.get("class") == "COLUMN_REF":
        return [str(node["column_names"][0])]
    return _parameters(list(node.values()))


def _check_function(node: dict[str, Any]) -> None:
    """Refuse a function that depends on more than its arguments."""
    name = str(node["function_name"]).lower()
    if node["schema"] not in ("", BUILTIN_SCHEMA):
        raise SqlError(f"{node['schema']}.{name}(…); write {name}({node['schema']}, …)")
    if node["filter"] or node["distinct"] or node["order_bys"]["orders"]:
        raise SqlError(f"{name}(…) over rows; use a function of a list, such as list_sum")
    found = sql_functions().get(name, ())
    if name in NONDETERMINISTIC_FUNCTIONS or (name == "age" and _argument_count(node) == 1):
        raise _nondeterministic(name)
    if not found:
        raise SqlError(
            f"no function {name!r} of single values{did_you_mean(name, sql_functions())}"
        )
    for function in found:
        if function.kind in ("aggregate", "window"):
            near = f"list_{name}"
            way = f"; of a list there is {near}" if near in sql_functions() else ""
            raise SqlError(f"{name}(…) looks at other rows{way}")
        if function.definition is not None:
            _check_macro(name, function.definition, function.parameters)
        elif function.stability != "CONSISTENT":
            raise _nondeterministic(name)


def _nondeterministic(name: str) -> SqlError:
    return SqlError(f"{name}(…) does not depend on its arguments alone; use a field's kind")


def _argument_count(node: dict[str, Any]) -> int:
    """Return how many arguments a function has, as one of DuckDB's versions says it."""
    return len(node.get("arguments", node.get("children", ())))


def _check_macro(name: str, definition: str, parameters: tuple[str, ...]) -> None:
    try:
        referenced_fields(definition, parameters)
    except SqlError as e:
        raise SqlError(f"{name}(…): {e}") from e
