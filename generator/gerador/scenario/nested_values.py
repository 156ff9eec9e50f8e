"""Field values as a scenario file nests them: arrays, maps, records, unions, and the shorthand forms of values."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Strict

from gerador.errors import did_you_mean
from gerador.scenario.yaml_reader import NullKey
from gerador.values import AnyGenerator
from gerador.values.declaration import ValueGenerator
from gerador.values.distributions import Number
from gerador.values.shorthand import (
    FAKER_PREFIX,
    expand_mapping,
    kind_names,
    kind_of,
    register_generators,
    registered_generators,
    reject_kind_key,
)


class ArrayValue(ValueGenerator):
    """An array: what `of` says, `length` times (0 to 4 when not said)."""

    kind: Literal["array"] = "array"
    of: Value
    """How each item is chosen."""
    length: Number | None = None
    """How many items, or a distribution of it; 0 to 4 when not said."""


class MapValue(ValueGenerator):
    """A map of text to what `of` says, with `length` entries (0 to 4 when not said)."""

    kind: Literal["map"] = "map"
    of: Value
    """How each entry's value is chosen; keys are random text."""
    length: Number | None = None
    """How many entries, or a distribution of it; 0 to 4 when not said."""


class RecordValue(ValueGenerator):
    """A record of fields; `name` is that of its Avro type."""

    main: ClassVar[str | None] = "fields"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["record"] = "record"
    fields: Annotated[dict[str, Value], Field(min_length=1)]
    """How values are chosen, by field."""
    name: str | None = None
    """Name of the Avro type; made of the field's path when not said."""


class UnionValue(ValueGenerator):
    """A union: one of several types, by `weights` (equal ones when not said)."""

    main: ClassVar[str | None] = "of"
    kind: Literal["union"] = "union"
    of: Annotated[list[Value], Field(min_length=2, max_length=64)]
    """How the value of each branch is chosen."""
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights of the branches, in their order; equal ones when not said."""


CONTAINERS: Final[dict[str, type[ValueGenerator]]] = {
    "array": ArrayValue,
    "map": MapValue,
    "record": RecordValue,
    "union": UnionValue,
}
register_generators(CONTAINERS)


def expand_value(value: Any) -> Any:
    """Return a value as it stands in a file with its kind named: see `fields.written`.

    Raises ValueError: no kind; names it, the nearest, and how to write a constant.
    """
    if isinstance(value, ValueGenerator):
        return value
    if isinstance(value, str):
        return _expand_word(value)
    if isinstance(value, bool | int | float):
        return {"kind": "constant", "value": value}
    if value is None:
        raise ValueError("nothing stands here; give a kind, such as uuid or {uniform: …}")
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{value!r} is no value; give a kind, such as uuid or {{uniform: …}}")
    reject_kind_key(value)
    if list(value) == ["null"]:
        raise ValueError("null alone says no value; write {null: 70%, else: faker.sentence}")
    if "else" in value:
        return _expand_null_else(value)
    if kind_of(value) is not None:
        return _expand_weights(expand_mapping(value))
    return _expand_record(value)


def _expand_word(word: str) -> dict[str, Any]:
    if word.startswith(FAKER_PREFIX):
        return {"kind": "faker", "provider": word.removeprefix(FAKER_PREFIX)}
    if word in kind_names():
        return {"kind": word}
    hint = did_you_mean(word, kind_names())
    raise ValueError(
        f"no kind {word!r}{hint}; for the same text in every row write {{constant: {word}}}"
    )


def _expand_null_else(value: dict[Any, Any]) -> Any:
    """Read ``{null: 70%, else: faker.sentence}``."""
    if set(value) != {"null", "else"}:
        raise ValueError("else stands beside null alone: {null: 70%, else: faker.sentence}")
    inner = expand_value(value["else"])
    if isinstance(inner, dict) and "null" in inner:
        raise ValueError("'null' stands twice; keep one")
    return {**inner, "null": value["null"]}


def _expand_record(value: dict[Any, Any]) -> dict[str, Any]:
    """Read a mapping that begins with no kind as the fields of a record.

    Raises ValueError: what looks like a kind misspelt.
    """
    first = next(iter(value))
    hint = did_you_mean(str(first), kind_names())
    if hint and _are_parameters(hint.split("'")[1], value.keys() - {first}):
        raise ValueError(f"no kind {first!r}{hint}; a record is written {{record: {{…}}}}")
    return {"kind": "record", "fields": value}


def _are_parameters(kind: str, words: set[Any]) -> bool:
    """Tell whether all words are parameters of a kind, so that it is meant rather than a record."""
    return words <= set(registered_generators()[kind].model_fields)


def _expand_weights(value: dict[str, Any]) -> dict[str, Any]:
    """Read the two written forms of weights: a mapping, and a list of value and weight."""
    options = value.get("values") if value["kind"] == "choice" else None
    if isinstance(options, dict):
        _reject_duplicate_weights(value)
        values = [None if isinstance(option, NullKey) else option for option in options]
        return {**value, "values": values, "weights": list(options.values())}
    if (
        isinstance(options, list)
        and any(map(_is_weighted, options))
        and not all(map(_is_weighted, options))
    ):
        other = next(o for o in options if not _is_weighted(o))
        raise ValueError(f"{other!r} among weighted values; write {{value: …, weight: …}} for each")
    if isinstance(options, list) and options and all(_is_weighted(o) for o in options):
        _reject_duplicate_weights(value)
        weights = [o["weight"] for o in options]
        return {**value, "values": [o["value"] for o in options], "weights": weights}
    return value


def _reject_duplicate_weights(value: dict[str, Any]) -> None:
    if "weights" in value:
        raise ValueError("weights stand twice: with the values and beside them; keep one")


def _is_weighted(option: Any) -> bool:
    return isinstance(option, dict) and set(option) == {"value", "weight"}


def _kind_of(value: Any) -> str:
    return value.kind if isinstance(value, ValueGenerator) else str(value["kind"])


Value = Annotated[
    ArrayValue | MapValue | RecordValue | UnionValue | AnyGenerator,
    Discriminator("kind"),
    BeforeValidator(expand_value),
]
"""A value of a field, as it stands in a scenario file."""

for _kind in CONTAINERS.values():
    _kind.model_rebuild()
