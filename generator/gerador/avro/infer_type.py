"""Infer the Avro type of JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


UNNAMED_RECORD: Final = "Nameless"
"""Name of an inferred record until it is named after its field's path."""


def contains_null(values: Sequence[Any]) -> bool:
    """Return whether null is among `values`."""
    return any(value is None for value in values)


def infer_type(values: Any) -> Any:
    """Return the narrowest Avro type (JSON) that holds all of these JSON values.

    Mappings with the same keys become a record named `UNNAMED_RECORD`, lists become arrays. The
    type is nullable when null is among the values.

    Raises ValueError: the values have no common type.
    """
    if contains_null(values):
        others = [value for value in values if value is not None]
        if not others:
            raise ValueError("null alone has no type; add another value, or a schema")
        return ["null", infer_type(others)]
    types = {_json_type(v) for v in values}
    if types == {"list"}:
        return {"type": "array", "items": infer_type([v for each in values for v in each])}
    if types == {"dict"}:
        return _infer_record(list(values))
    if types <= {"long", "double"}:
        return "double" if "double" in types else "long"
    if len(types) == 1 and types <= {"boolean", "string"}:
        return types.pop()
    raise ValueError(
        f"values of several types: {', '.join(sorted(types))}; give values of one type, or a schema"
    )


def _infer_record(values: list[dict[Any, Any]]) -> Any:
    names = list(values[0])
    if any(list(each) != names for each in values) or not all(isinstance(n, str) for n in names):
        raise ValueError(
            "values have different keys; give all of them the keys of the first, in its order"
        )
    fields = [{"name": n, "type": infer_type([each[n] for each in values])} for n in names]
    return {"type": "record", "name": UNNAMED_RECORD, "fields": fields}


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "long"
    return {float: "double", str: "string"}.get(type(value), type(value).__name__)
