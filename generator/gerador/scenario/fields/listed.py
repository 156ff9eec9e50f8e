"""Kinds of values that are written out: constants, and weighted choices."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, Strict

from gerador.scenario.fields.declared import EVERY_TYPE, Declared
from gerador.scenario.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gerador.scenario.avro import AvroType

VALUES_MAX: Final = 65_536


NAMELESS: Final = "Nameless"
"""The name of a derived record until its field's path gives it one."""


class ConstantField(Declared):
    """The same value in every row: any that JSON can say and the type takes.

    How values of each type are written: `gerador.scenario.literals`.
    """

    suits: ClassVar[frozenset[str]] = EVERY_TYPE
    main: ClassVar[str | None] = "value"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["constant"] = "constant"
    value: Any
    """The value: whatever JSON can say and the type takes."""

    def natural_type(self) -> Any:
        """Return the type of the value."""
        return type_of_values([self.value])

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a value that is none of the type."""
        yield from (("value", text) for text in _about_value(self.value, avro_type))

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return 1."""
        return 1


class ChoiceField(Declared):
    """One of `values`, by `weights` (equal ones when there are none); structures as well.

    In a file: a list, a mapping of value to weight, or a list of ``{value: …, weight: …}``. Null
    may be among them; then nobody's share of nulls is added to those.
    """

    suits: ClassVar[frozenset[str]] = EVERY_TYPE
    main: ClassVar[str | None] = "values"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["choice"] = "choice"
    values: Annotated[tuple[Any, ...], Strict(False), Field(min_length=1, max_length=VALUES_MAX)]
    """The values: a list, a mapping of value to weight, or a list of {value: …, weight: …}."""
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights of the values, in their order, finite and 0 or more; equal ones when not said."""

    def natural_type(self) -> Any:
        """Return the type that holds all the values."""
        return type_of_values(self.values)

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield values that are none of the type, and weights that make no sense."""
        for value in self.values:
            if value is not None:  # whether the type is nullable is judged in `fit`
                yield from (("values", text) for text in _about_value(value, avro_type))
        if self.weights is None:
            return
        if len(self.weights) != len(self.values):
            yield "weights", f"{len(self.weights)} weights for {len(self.values)} values"
        if min(self.weights, default=0) < 0 or not 0 < sum(self.weights) < math.inf:
            yield "weights", "weights are finite, 0 or more, and one of them is more"
        if self.unique:
            yield "weights", "weights have no say where values are unique; remove one of the two"

    def gives_null(self) -> bool:
        """Tell whether null is among the values."""
        return has_null(self.values)

    def space(self, avro_type: AvroType) -> int:
        """Return how many different values there are."""
        return len(distinct(self.values, avro_type))


def has_null(values: Sequence[Any]) -> bool:
    """Tell whether null is among values of any type."""
    return any(value is None for value in values)


def takes_null(avro_type: AvroType) -> bool:
    """Tell whether null is a value of a type by itself: of null, of a union with it."""
    return not any(_about_value(None, avro_type))


def distinct(values: tuple[Any, ...], avro_type: AvroType) -> tuple[Any, ...]:
    """Return the values of a type without those that stand there already, in their order."""
    found: dict[str, Any] = {}
    for value in values:
        read = None if value is None else literal(value, avro_type)
        found.setdefault(_key(read), value)
    return tuple(found.values())


def shares_of(
    values: Sequence[Any], weights: Sequence[float] | None, avro_type: AvroType
) -> tuple[float, ...]:
    """Return the share of each different value by weights (equal ones when None), nulls apart."""
    each = weights or (1.0,) * len(values)
    found: dict[str, float] = {}
    for value, weight in zip(values, each, strict=True):
        if value is not None:
            key = _key(literal(value, avro_type))
            found[key] = found.get(key, 0.0) + weight
    total = sum(each)
    return tuple(weight / total for weight in found.values())


def _key(read: Any) -> str:
    """Return a text that equal values of a type have in common."""
    return json.dumps(read, sort_keys=True, default=str)


def _about_value(value: Any, avro_type: AvroType) -> Iterator[str]:
    try:
        literal(value, avro_type)
    except ValueError as e:
        yield str(e)


def type_of_values(values: Any) -> Any:
    """Return the narrowest Avro type (JSON) that holds all of these JSON values.

    Mappings of the same keys are a record, which has no name yet; lists are arrays. With null
    among them the type is nullable.

    Raises ValueError: they are of types that have nothing in common; says the way out.
    """
    if has_null(values):
        there = [value for value in values if value is not None]
        if not there:
            raise ValueError("nothing but null tells no type; give a value beside it, or a schema")
        return ["null", type_of_values(there)]
    kinds = {_json_type(v) for v in values}
    if kinds == {"list"}:
        return {"type": "array", "items": type_of_values([v for each in values for v in each])}
    if kinds == {"dict"}:
        return _record_of(list(values))
    if kinds <= {"long", "double"}:
        return "double" if "double" in kinds else "long"
    if len(kinds) == 1 and kinds <= {"boolean", "string"}:
        return kinds.pop()
    raise ValueError(f"values of {', '.join(sorted(kinds))}; give a schema, or values of one type")


def _record_of(values: list[dict[Any, Any]]) -> Any:
    names = list(values[0])
    if any(list(each) != names for each in values) or not all(isinstance(n, str) for n in names):
        raise ValueError("values with other keys than the first; give all the same, in its order")
    fields = [{"name": n, "type": type_of_values([each[n] for each in values])} for n in names]
    return {"type": "record", "name": NAMELESS, "fields": fields}


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "long"
    return {float: "double", str: "string"}.get(type(value), type(value).__name__)
