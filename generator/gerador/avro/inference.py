"""Infer the Avro type of JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


UNNAMED_RECORD: Final = "Nameless"
"""The name of a derived record until its field's path gives it one."""


def contains_null(values: Sequence[Any]) -> bool:
    """Tell whether null is among values of any type."""
    return any(value is None for value in values)


def infer_type(values: Any) -> Any:
    """Return the narrowest Avro type (JSON) that holds all of these JSON values.

    Mappings of the same keys are a record, which has no name yet; lists are arrays. With null
    among them the type is nullable.

    Raises ValueError: they are of types that have nothing in common; says the way out.
    """
    if contains_null(values):
        there = [value for value in values if value is not None]
        if not there:
            raise ValueError("nothing but null tells no type; give a value beside it, or a schema")
        return ["null", infer_type(there)]
    kinds = {_json_type(v) for v in values}
    if kinds == {"list"}:
        return {"type": "array", "items": infer_type([v for each in values for v in each])}
    if kinds == {"dict"}:
        return _infer_record(list(values))
    if kinds <= {"long", "double"}:
        return "double" if "double" in kinds else "long"
    if len(kinds) == 1 and kinds <= {"boolean", "string"}:
        return kinds.pop()
    raise ValueError(f"values of {', '.join(sorted(kinds))}; give a schema, or values of one type")


def _infer_record(values: list[dict[Any, Any]]) -> Any:
    names = list(values[0])
    if any(list(each) != names for each in values) or not all(isinstance(n, str) for n in names):
        raise ValueError("values with other keys than the first; give all the same, in its order")
    fields = [{"name": n, "type": infer_type([each[n] for each in values])} for n in names]
    return {"type": "record", "name": UNNAMED_RECORD, "fields": fields}


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "long"
    return {float: "double", str: "string"}.get(type(value), type(value).__name__)
