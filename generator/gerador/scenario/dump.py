"""Write the model of a scenario as YAML in its short forms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, TypeAdapter

from gerador.scenario.model import keys_of
from gerador.scenario.nested_values import (
    ArrayValue,
    MapValue,
    RecordValue,
    UnionValue,
)
from gerador.scenario.yaml_reader import NULL_KEY
from gerador.scenario.yaml_writer import to_yaml
from gerador.schedule.profiles import DeclarationModel
from gerador.schedule.scripted_changes import Script
from gerador.units import NS_PER_S, duration_text, parse_duration_ns
from gerador.values.choice import ChoiceGenerator, ConstantGenerator
from gerador.values.declaration import ValueGenerator, parse_share
from gerador.values.faker_pool import FakerGenerator
from gerador.values.shorthand import FAKER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gerador.scenario.model import Scenario, StreamModel


_SHARE_PARAMETERS: Final = frozenset({"null", "missing", "share", "true_share"})
_INT_EXACT_MAX: Final = 10**15


def dump_number(name: str, value: float) -> Any:
    """Return a number parameter for a file: a share, a duration, or a number."""
    if name in _SHARE_PARAMETERS:
        return _share(value)
    return _duration(value) if name == "every" else int_if_whole(value)


def int_if_whole(value: float) -> float:
    """Return a whole number as an integer when both are exactly equal."""
    return int(value) if value.is_integer() and abs(value) < _INT_EXACT_MAX else value


def dump_timestamp(moment: datetime) -> str:
    """Return a timestamp in ISO 8601, with Z for UTC."""
    text = moment.isoformat()
    return text.replace("+00:00", "Z") if moment.utcoffset() == UTC.utcoffset(None) else text


def _share(share: float) -> Any:
    text = f"{share * 100:.12g}%"
    return text if parse_share(text) == share and 0 < share < 1 else share


def _duration(seconds: float) -> Any:
    text = duration_text(round(seconds * NS_PER_S))
    try:
        same = parse_duration_ns(text) == seconds * NS_PER_S
    except ValueError:
        return seconds
    return text if same and seconds.is_integer() else seconds


_SCRIPT: Final[TypeAdapter[Any]] = TypeAdapter(Script)


def dump_profile(rate: DeclarationModel) -> Any:
    """Return the value of ``rate:``."""
    return _short_profile(dump_model(rate))


def dump_model(declaration: DeclarationModel) -> dict[str, Any]:
    """Return a declaration as a mapping without its defaults."""
    dumped = declaration.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return _with_short_rate(dumped)


def dump_script(at: Mapping[int, Any]) -> dict[str, Any]:
    """Return the value of ``at:``."""
    dumped = _SCRIPT.dump_python(at, mode="json", by_alias=True, exclude_defaults=True)
    return {time: _dump_change(change) for time, change in dumped.items()}


def _dump_change(change: Any) -> Any:
    return _with_short_rate(change) if isinstance(change, dict) else change


def _with_short_rate(dumped: dict[str, Any]) -> dict[str, Any]:
    rate = dumped.get("rate")
    return {**dumped, "rate": _short_profile(rate)} if isinstance(rate, dict) else dumped


def _short_profile(profile: dict[str, Any]) -> Any:
    return profile["constant"] if set(profile) == {"constant"} else profile


_LITERAL_PARAMETERS: Final = frozenset({"value", "values", "args"})
"""Parameters of arbitrary values, in which 1.0 and 1 differ."""


def dump_attributes(model: BaseModel, exclude: Collection[str] = ()) -> dict[str, Any]:
    """Return a model's attributes by key of the file, without defaults."""
    fields = {n: f for n, f in type(model).model_fields.items() if n not in exclude}
    return {
        f.alias or name: _dump_parameter(name, getattr(model, name))
        for name, f in fields.items()
        if f.is_required()
        or _is_not_default(getattr(model, name), f.get_default(call_default_factory=True))
    }


def _is_not_default(value: Any, default: Any) -> bool:
    """Return whether a value differs from its default; 1, 1.0 and true differ."""
    return value != default or type(value) is not type(default)


def _dump_parameter(name: str, value: Any) -> Any:
    """Return a parameter's value for a file."""
    if name in _LITERAL_PARAMETERS:
        return _literal(value)
    match value:
        case ValueGenerator():
            return dump_value(value, as_number=True)
        case DeclarationModel():
            return dump_model(value)
        case BaseModel():
            return dump_attributes(value)
        case datetime():
            return dump_timestamp(value)
        case date():
            return value.isoformat()
        case dict():
            return {k: _dump_parameter("", inner) for k, inner in value.items()}
        case list() | tuple():
            return [_dump_parameter("", inner) for inner in value]
        case float():
            return dump_number(name, value)
        case _:
            return value


def _literal(value: Any) -> Any:
    return [_literal(inner) for inner in value] if isinstance(value, tuple) else value


def dump_value(value: ValueGenerator, *, as_number: bool = False) -> Any:
    """Return a generator in its shortest form: ``uuid``, ``{poisson: 2, min: 1}``, ``7``.

    `as_number`: for a number parameter, which does not support ``{null: …, else: …}``.
    """
    if isinstance(value, ChoiceGenerator):
        return _dump_choice(value)
    parameters = _parameters(value)
    if (short := _scalar_form(value, parameters)) is not None:
        return short
    alone = _scalar_form(value, {k: v for k, v in parameters.items() if k != "null"})
    if alone is not None and not as_number:
        return {"null": parameters["null"], "else": alone}
    return _mapping(value, parameters)


def _parameters(value: ValueGenerator) -> dict[str, Any]:
    """Return the parameters of a generator, its own before those of all generators."""
    own = dump_attributes(value, {"kind"})
    match value:
        case ArrayValue(items=inner) if inner is not None:
            own["items"] = dump_value(inner)
        case MapValue(values=inner) if inner is not None:
            own["values"] = dump_value(inner)
        case RecordValue(fields=fields) if fields is not None:
            own["fields"] = {name: dump_value(inner) for name, inner in fields.items()}
        case UnionValue(branches=branches) if branches is not None:
            own["branches"] = [dump_value(inner) for inner in branches]
    common = [name for name in ValueGenerator.model_fields if name in own]
    return {k: v for k, v in own.items() if k not in common} | {k: own[k] for k in common}


def _scalar_form(value: ValueGenerator, parameters: dict[str, Any]) -> Any:
    """Return the short form of a generator that is one scalar; None: it has none."""
    if not parameters:
        return value.kind
    if isinstance(value, FakerGenerator) and set(parameters) == {"provider"}:
        return f"{FAKER_PREFIX}{value.provider}"
    if isinstance(value, ConstantGenerator) and set(parameters) == {"value"}:
        return value.value if isinstance(value.value, bool | int | float) else None
    return None


def _mapping(value: ValueGenerator, parameters: dict[str, Any]) -> dict[str, Any]:
    main = value.main_parameter
    if main in parameters and not _ambiguous(value, parameters[main]):
        return {value.kind: parameters.pop(main), **parameters}
    if value.main_is_mapping and main not in parameters:  # a record without its fields
        return {value.kind: None, **parameters}
    return {value.kind: parameters}


def _ambiguous(value: ValueGenerator, main: Any) -> bool:
    """Return whether a main parameter right after its kind would be read as something else."""
    if main is None:
        return True
    if not isinstance(main, dict):
        return False
    if not value.main_is_mapping:
        return True
    return value.main_parameter in main and set(main) <= set(type(value).model_fields)


def _dump_choice(value: ChoiceGenerator) -> dict[str, Any]:
    """Return a choice with the weights next to the values."""
    parameters = _parameters(value)
    if value.weights is None or len(value.weights) != len(value.values):
        return _mapping(value, parameters)
    del parameters["weights"]
    pairs = list(zip(value.values, map(int_if_whole, value.weights), strict=True))
    texts = all(isinstance(v, str) and v != NULL_KEY for v in value.values)
    if texts and len(set(value.values)) == len(pairs):
        parameters["values"] = dict(pairs)
    else:
        parameters["values"] = [{"value": v, "weight": w} for v, w in pairs]
    return _mapping(value, parameters)


def write_scenario(scenario: Scenario) -> str:
    """Return a scenario as YAML that is read as an equal scenario. Cost: O(text)."""
    return to_yaml(_dump_scenario(scenario))


def _dump_scenario(scenario: Scenario) -> dict[str, Any]:
    dumped = dump_attributes(scenario, {"streams", "backfill_speed", "rate"})
    dumped |= scenario.model_dump(mode="json", exclude_defaults=True, include={"backfill_speed"})
    if scenario.rate is not None:
        dumped["rate"] = dump_profile(scenario.rate)
    streams = {name: _dump_stream(stream) for name, stream in scenario.streams.items()}
    return {**dumped, "streams": streams}


def _dump_stream(stream: StreamModel) -> dict[str, Any]:
    dumped = dump_attributes(stream, {"topic", "fields", "let", "rate", "at"})
    if topic := dump_attributes(stream.topic):
        dumped["topic"] = topic["name"] if set(topic) == {"name"} else topic
    for name in ("let", "fields"):
        if values := getattr(stream, name):
            dumped[name] = {k: dump_value(v) for k, v in values.items()}
    if stream.rate is not None:
        dumped["rate"] = dump_profile(stream.rate)
    if stream.at:
        dumped["at"] = dump_script(stream.at)
    order = keys_of(type(stream))
    return dict(sorted(dumped.items(), key=lambda item: order.index(item[0])))
