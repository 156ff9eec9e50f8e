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
"""The schema of DuckDB's built-in functions; operators such as ``[…]`` and ``{…}`` name it."""
NONDETERMINISTIC_FUNCTIONS: Final = frozenset({
    "current_localtime", "current_localtimestamp", "current_setting", "getvariable", "vector_type",
})  # fmt: skip
"""Functions that DuckDB 1.5 declares consistent although they depend on the clock, settings, or the
layout of a vector; `age` with one argument is another."""
_CLAUSES: Final = ("where_clause", "having", "sample", "qualify")


def referenced_fields(expression: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the names of the fields that an expression reads.

    Raises SqlError: unknown fields, or SQL that is not allowed.
    """
    collector = _FieldCollector(known)
    collector.visit(_single_expression(syntax_tree(expression)), frozenset())
    return tuple(dict.fromkeys(collector.names))


def _single_expression(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the tree of the only selected value.

    Raises SqlError: several statements or values, a table, or clauses.
    """
    if len(statements) != 1:
        raise SqlError("expression has more than one statement; give one value")
    node = statements[0]["node"]
    if node["type"] != "SELECT_NODE" or node["from_table"]["type"] != "EMPTY":
        raise SqlError("expression reads a table; use fields of the row")
    if any(node.get(part) for part in (*_CLAUSES, "modifiers", "group_expressions")):
        raise SqlError("expression has clauses such as WHERE or ORDER BY; give one value")
    if len(node["select_list"]) != 1 or node["cte_map"]["map"]:
        raise SqlError("expression has more than one value; give one")
    value: dict[str, Any] = node["select_list"][0]
    return value


class _FieldCollector:
    """Collects the names of fields in a syntax tree and rejects SQL that is not allowed."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self.names: list[str] = []

    def visit(self, node: Any, bound: frozenset[str]) -> None:
        """Visit a tree; `bound` are the parameters of enclosing lambdas.

        Raises SqlError.
        """
        if isinstance(node, list):
            for part in node:
                self.visit(part, bound)
        if not isinstance(node, dict):
            return
        match node.get("class"):
            case "COLUMN_REF":
                self._visit_name(str(node["column_names"][0]), bound)
            case "LAMBDA":
                parameters = frozenset(_parameters(node["lhs"]))
                self.visit(node["expr"], bound | parameters)
            case node_class:
                self._visit_class(node_class, node, bound)

    def _visit_class(
        self, node_class: str | None, node: dict[str, Any], bound: frozenset[str]
    ) -> None:
        if node_class is not None and node_class not in _ALLOWED_CLASSES:
            construct = _CLASS_NAMES.get(node_class, node_class.lower().replace("_", " "))
            raise SqlError(f"{construct} is not allowed; use fields of the row and functions")
        if node_class == "FUNCTION":
            _check_function(node)
        self.visit(list(node.values()), bound)

    def _visit_name(self, name: str, bound: frozenset[str]) -> None:
        if name in bound:
            return
        if name not in self._known:
            raise SqlError(f"no field {name!r}{did_you_mean(name, self._known)}")
        other = next((n for n in self.names if n != name and n.lower() == name.lower()), None)
        if other is not None:
            raise SqlError(f"{other!r} and {name!r} are the same name in SQL; rename a field")
        self.names.append(name)


def _parameters(node: Any) -> list[str]:
    """Return the names of a lambda's parameters: one column, or a list of them."""
    if isinstance(node, list):
        return [name for part in node for name in _parameters(part)]
    if not isinstance(node, dict):
        return []
    if node.get("class") == "COLUMN_REF":
        return [str(node["column_names"][0])]
    return _parameters(list(node.values()))


def _check_function(node: dict[str, Any]) -> None:
    """Raise SqlError if a function depends on more than its arguments."""
    name = str(node["function_name"]).lower()
    if node["schema"] not in ("", BUILTIN_SCHEMA):
        raise SqlError(
            f"{node['schema']}.{name}(…) is not allowed; write {name}({node['schema']}, …)"
        )
    if node["filter"] or node["distinct"] or node["order_bys"]["orders"]:
        raise SqlError(f"{name}(…) aggregates rows; use a list function such as list_sum")
    found = sql_functions().get(name, ())
    if name in NONDETERMINISTIC_FUNCTIONS or (name == "age" and _argument_count(node) == 1):
        raise _nondeterministic(name)
    if not found:
        raise SqlError(f"unknown scalar function {name!r}{did_you_mean(name, sql_functions())}")
    for function in found:
        if function.kind in ("aggregate", "window"):
            list_function = f"list_{name}"
            advice = f"; for lists, use {list_function}" if list_function in sql_functions() else ""
            raise SqlError(f"{name}(…) reads other rows{advice}")
        if function.definition is not None:
            _check_macro(name, function.definition, function.parameters)
        elif function.stability != "CONSISTENT":
            raise _nondeterministic(name)


def _nondeterministic(name: str) -> SqlError:
    return SqlError(f"{name}(…) is not deterministic; use a generator instead")


def _argument_count(node: dict[str, Any]) -> int:
    """Return the number of arguments; the key differs between DuckDB versions."""
    return len(node.get("arguments", node.get("children", ())))


def _check_macro(name: str, definition: str, parameters: tuple[str, ...]) -> None:
    try:
        referenced_fields(definition, parameters)
    except SqlError as e:
        raise SqlError(f"{name}(…): {e}") from e
