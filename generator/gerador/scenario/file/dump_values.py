"""Declarations and other models as a file has them, in their short forms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel

from gerador.scenario.course import Form
from gerador.scenario.fields import ChoiceField, ConstantField, Declared, FakerField
from gerador.scenario.fields.written import FAKER
from gerador.scenario.file.dump_rates import form
from gerador.scenario.file.dump_scalars import instant, number, scalar
from gerador.scenario.file.text import NULL_KEY
from gerador.scenario.file.values import RecordValue, written_value

_AS_THEY_ARE: Final = frozenset({"value", "values", "args"})
"""Parameters whose values are anybody's: 1.0 is not 1 there."""


def plain(model: BaseModel, but: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    """Return a model's attributes by the file's names, without those that have their default."""
    fields = {n: f for n, f in type(model).model_fields.items() if n not in but}
    return {
        f.alias or name: _parameter(name, getattr(model, name))
        for name, f in fields.items()
        if f.is_required()
        or _differs(getattr(model, name), f.get_default(call_default_factory=True))
    }


def _differs(value: Any, default: Any) -> bool:
    """Tell whether a value is another than its default; 1 and 1.0 are, and so are 1 and true."""
    return value != default or type(value) is not type(default)


def _parameter(name: str, value: Any) -> Any:
    """Return a parameter's value as a file has it."""
    if name in _AS_THEY_ARE:
        return _as_it_is(value)
    match value:
        case Declared():
            return written(value, as_number=True)
        case Form():
            return form(value)
        case BaseModel():
            return plain(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case dict():
            return {k: _parameter("", inner) for k, inner in value.items()}
        case list() | tuple():
            return [_parameter("", inner) for inner in value]
        case float():
            return scalar(name, value)
        case _:
            return value


def _as_it_is(value: Any) -> Any:
    return [_as_it_is(inner) for inner in value] if isinstance(value, tuple) else value


def written(value: Declared, *, as_number: bool = False) -> Any:
    """Return a declaration in its shortest form: ``uuid``, ``{poisson: 2, min: 1}``, ``7``.

    `as_number`: where a number stands, which has no ``{null: …, else: …}``.
    """
    if isinstance(value, ChoiceField):
        return _choice(value)
    parameters = _parameters(value)
    if isinstance(value, RecordValue) and _reads_as_record(parameters):
        return parameters["fields"]
    if (word := _word(value, parameters)) is not None:
        return word
    alone = _word(value, {k: v for k, v in parameters.items() if k != "null"})
    if alone is not None and not as_number:
        return {"null": parameters["null"], "else": alone}
    return _mapping(value, parameters)


def _reads_as_record(parameters: dict[str, Any]) -> bool:
    """Tell whether the fields alone read as this record."""
    fields = parameters["fields"]
    try:
        return set(parameters) == {"fields"} and written_value(fields) == {
            "kind": "record",
            "fields": fields,
        }
    except ValueError:
        return False


def _parameters(value: Declared) -> dict[str, Any]:
    """Return the parameters of a declaration, its own first, then what every kind has."""
    own = plain(value, but={"kind"})
    if hasattr(value, "of") and not isinstance(value.of, str | int):
        inner = value.of
        own["of"] = [written(v) for v in inner] if isinstance(inner, list) else written(inner)
    if isinstance(value, RecordValue):
        own["fields"] = _inside(value)
    common = [name for name in Declared.model_fields if name in own]
    return {k: v for k, v in own.items() if k not in common} | {k: own[k] for k in common}


def _inside(record: RecordValue) -> dict[str, Any]:
    return {name: written(value) for name, value in record.fields.items()}


def _word(value: Declared, parameters: dict[str, Any]) -> Any:
    """Return the one word, number or boolean that says all of a declaration; None: none does."""
    if not parameters:
        return value.kind
    if isinstance(value, FakerField) and set(parameters) == {"provider"}:
        return f"{FAKER}{value.provider}"
    if isinstance(value, ConstantField) and set(parameters) == {"value"}:
        return value.value if isinstance(value.value, bool | int | float) else None
    return None


def _mapping(value: Declared, parameters: dict[str, Any]) -> dict[str, Any]:
    main = value.main
    if main in parameters and not _ambiguous(value, parameters[main]):
        return {value.kind: parameters.pop(main), **parameters}
    return {value.kind: parameters}


def _ambiguous(value: Declared, main: Any) -> bool:
    """Tell whether a main parameter behind its kind would read as something else."""
    if main is None:
        return True
    if not isinstance(main, dict):
        return False
    if not value.main_is_mapping:
        return True
    return value.main in main and set(main) <= set(type(value).model_fields)


def _choice(value: ChoiceField) -> dict[str, Any]:
    """Return a choice with its weights where its values stand."""
    parameters = _parameters(value)
    if value.weights is None or len(value.weights) != len(value.values):
        return _mapping(value, parameters)
    del parameters["weights"]
    pairs = list(zip(value.values, map(number, value.weights), strict=True))
    texts = all(isinstance(v, str) and v != NULL_KEY for v in value.values)
    if texts and len(set(value.values)) == len(pairs):
        parameters["values"] = dict(pairs)
    else:
        parameters["values"] = [{"value": v, "weight": w} for v, w in pairs]
    return _mapping(value, parameters)
