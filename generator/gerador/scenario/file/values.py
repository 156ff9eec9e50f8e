"""Values as a scenario file nests them: every kind of field, and records, arrays, maps, unions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Strict

from gerador.errors import did_you_mean
from gerador.scenario.fields import Declared, FieldSpec, Number
from gerador.scenario.fields.written import (
    FAKER,
    every_kind,
    kind_in,
    kinds,
    refuse_kind,
    register,
    with_kind,
)
from gerador.scenario.file.text import NullKey


class ArrayValue(Declared):
    """An array: what `of` says, `length` times (0 to 4 when not said)."""

    kind: Literal["array"] = "array"
    of: Value
    """How each item is chosen."""
    length: Number | None = None
    """How many items, or a distribution of it; 0 to 4 when not said."""


class MapValue(Declared):
    """A map of text to what `of` says, with `length` entries (0 to 4 when not said)."""

    kind: Literal["map"] = "map"
    of: Value
    """How each entry's value is chosen; keys are random text."""
    length: Number | None = None
    """How many entries, or a distribution of it; 0 to 4 when not said."""


class RecordValue(Declared):
    """A record of fields; `name` is that of its Avro type."""

    main: ClassVar[str | None] = "fields"
    main_is_mapping: ClassVar[bool] = True
    kind: Literal["record"] = "record"
    fields: Annotated[dict[str, Value], Field(min_length=1)]
    """How values are chosen, by field."""
    name: str | None = None
    """Name of the Avro type; made of the field's path when not said."""


class UnionValue(Declared):
    """A union: one of several types, by `weights` (equal ones when not said)."""

    main: ClassVar[str | None] = "of"
    kind: Literal["union"] = "union"
    of: Annotated[list[Value], Field(min_length=2, max_length=64)]
    """How the value of each branch is chosen."""
    weights: Annotated[tuple[float, ...], Strict(False)] | None = None
    """Weights of the branches, in their order; equal ones when not said."""


CONTAINERS: Final[dict[str, type[Declared]]] = {
    "array": ArrayValue,
    "map": MapValue,
    "record": RecordValue,
    "union": UnionValue,
}
register(CONTAINERS)


def written_value(value: Any) -> Any:
    """Return a value as it stands in a file with its kind named: see `fields.written`.

    Raises ValueError: no kind; names it, the nearest, and how to write a constant.
    """
    if isinstance(value, Declared):
        return value
    if isinstance(value, str):
        return _word(value)
    if isinstance(value, bool | int | float):
        return {"kind": "constant", "value": value}
    if value is None:
        raise ValueError("nothing stands here; give a kind, such as uuid or {uniform: …}")
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{value!r} is no value; give a kind, such as uuid or {{uniform: …}}")
    refuse_kind(value)
    if list(value) == ["null"]:
        raise ValueError("null alone says no value; write {null: 70%, else: faker.sentence}")
    if "else" in value:
        return _with_else(value)
    if kind_in(value) is not None:
        return _weighted(with_kind(value))
    return _record(value)


def _word(word: str) -> dict[str, Any]:
    if word.startswith(FAKER):
        return {"kind": "faker", "provider": word.removeprefix(FAKER)}
    if word in kinds():
        return {"kind": word}
    hint = did_you_mean(word, kinds())
    raise ValueError(
        f"no kind {word!r}{hint}; for the same text in every row write {{constant: {word}}}"
    )


def _with_else(value: dict[Any, Any]) -> Any:
    """Read ``{null: 70%, else: faker.sentence}``."""
    if set(value) != {"null", "else"}:
        raise ValueError("else stands beside null alone: {null: 70%, else: faker.sentence}")
    inner = written_value(value["else"])
    if isinstance(inner, dict) and "null" in inner:
        raise ValueError("'null' stands twice; keep one")
    return {**inner, "null": value["null"]}


def _record(value: dict[Any, Any]) -> dict[str, Any]:
    """Read a mapping that begins with no kind as the fields of a record.

    Raises ValueError: what looks like a kind misspelt.
    """
    first = next(iter(value))
    hint = did_you_mean(str(first), kinds())
    if hint and _are_parameters(hint.split("'")[1], value.keys() - {first}):
        raise ValueError(f"no kind {first!r}{hint}; a record is written {{record: {{…}}}}")
    return {"kind": "record", "fields": value}


def _are_parameters(kind: str, words: set[Any]) -> bool:
    """Tell whether all words are parameters of a kind, so that it is meant rather than a record."""
    return words <= set(every_kind()[kind].model_fields)


def _weighted(value: dict[str, Any]) -> dict[str, Any]:
    """Read the two written forms of weights: a mapping, and a list of value and weight."""
    options = value.get("values") if value["kind"] == "choice" else None
    if isinstance(options, dict):
        _alone(value)
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
        _alone(value)
        weights = [o["weight"] for o in options]
        return {**value, "values": [o["value"] for o in options], "weights": weights}
    return value


def _alone(value: dict[str, Any]) -> None:
    if "weights" in value:
        raise ValueError("weights stand twice: with the values and beside them; keep one")


def _is_weighted(option: Any) -> bool:
    return isinstance(option, dict) and set(option) == {"value", "weight"}


def _kind_of(value: Any) -> str:
    return value.kind if isinstance(value, Declared) else str(value["kind"])


Value = Annotated[
    ArrayValue | MapValue | RecordValue | UnionValue | FieldSpec,
    Discriminator("kind"),
    BeforeValidator(written_value),
]
"""A value of a field, as it stands in a scenario file."""

for _kind in CONTAINERS.values():
    _kind.model_rebuild()
