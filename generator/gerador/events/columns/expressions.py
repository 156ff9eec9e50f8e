"""What an SQL expression may say: values of the row's fields, and functions of nothing else.

Read from DuckDB's own syntax tree. Refused are several statements, tables, subqueries,
aggregates and windows (which would see other rows of the block), and functions whose values
depend on more than their arguments: clocks, chance, sequences, settings, files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gerador.errors import did_you_mean
from gerador.events.columns.duck import Refused, functions, tree

if TYPE_CHECKING:
    from collections.abc import Collection

_CLASSES: Final = frozenset({
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
    "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "TYPE",
})  # fmt: skip
_WORDS: Final = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window over other rows",
    "STAR": "'*'",
    "PARAMETER": "a parameter",
    "POSITIONAL_REFERENCE": "a column by its number",
}
BUILT_IN: Final = "main"
"""The schema of DuckDB's own functions, which brackets and braces are short for."""
UNSTEADY: Final = frozenset({
    "current_localtime", "current_localtimestamp", "current_setting", "getvariable", "vector_type",
})  # fmt: skip
"""Functions that DuckDB 1.5 calls consistent though they look at a clock, settings, or how a block
is held; `age` of one time is another."""
_WHOLE: Final = ("where_clause", "having", "sample", "qualify")


def names_read(expression: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the names of fields that an expression reads, of those that are known.

    Raises Refused: it says more than it may, or names what is no field; one line.
    """
    reading = _Reading(known)
    reading.look(_only_value(tree(expression)), frozenset())
    return tuple(dict.fromkeys(reading.names))


def _only_value(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the tree of the only value that is selected, from no table."""
    if len(statements) != 1:
        raise Refused("more than one statement; give one expression")
    node = statements[0]["node"]
    if node["type"] != "SELECT_NODE" or node["from_table"]["type"] != "EMPTY":
        raise Refused("it reads a table; only fields of the row can be read")
    if any(node.get(part) for part in (*_WHOLE, "modifiers", "group_expressions")):
        raise Refused("clauses around the expression; give one expression")
    if len(node["select_list"]) != 1 or node["cte_map"]["map"]:
        raise Refused("more than one value; give one expression")
    value: dict[str, Any] = node["select_list"][0]
    return value


class _Reading:
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
        if word is not None and word not in _CLASSES:
            said = _WORDS.get(word, word.lower().replace("_", " "))
            raise Refused(f"{said}; only fields of the row and functions of them can stand here")
        if word == "FUNCTION":
            _check_function(node)
        self.look(list(node.values()), bound)

    def _look_at_name(self, name: str, bound: frozenset[str]) -> None:
        if name in bound:
            return
        if name not in self._known:
            raise Refused(f"no field {name!r}{did_you_mean(name, self._known)}")
        twin = next((n for n in self.names if n != name and n.lower() == name.lower()), None)
        if twin is not None:
            raise Refused(f"{twin!r} and {name!r} are one name in SQL; rename a field")
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
    if node["schema"] not in ("", BUILT_IN):
        raise Refused(f"{node['schema']}.{name}(…); write {name}({node['schema']}, …)")
    if node["filter"] or node["distinct"] or node["order_bys"]["orders"]:
        raise Refused(f"{name}(…) over rows; use a function of a list, such as list_sum")
    found = functions().get(name, ())
    if name in UNSTEADY or (name == "age" and _arguments(node) == 1):
        raise _unsteady(name)
    if not found:
        raise Refused(f"no function {name!r} of single values{did_you_mean(name, functions())}")
    for function in found:
        if function.kind in ("aggregate", "window"):
            near = f"list_{name}"
            way = f"; of a list there is {near}" if near in functions() else ""
            raise Refused(f"{name}(…) looks at other rows{way}")
        if function.definition is not None:
            _check_macro(name, function.definition, function.parameters)
        elif function.stability != "CONSISTENT":
            raise _unsteady(name)


def _unsteady(name: str) -> Refused:
    return Refused(f"{name}(…) does not depend on its arguments alone; use a field's kind")


def _arguments(node: dict[str, Any]) -> int:
    """Return how many arguments a function has, as one of DuckDB's versions says it."""
    return len(node.get("arguments", node.get("children", ())))


def _check_macro(name: str, definition: str, parameters: tuple[str, ...]) -> None:
    try:
        names_read(definition, parameters)
    except Refused as e:
        raise Refused(f"{name}(…): {e}") from e
