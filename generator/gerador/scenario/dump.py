"""Write the model of a scenario as a YAML file in its short forms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, TypeAdapter

from gerador.scenario.model import keys_of
from gerador.scenario.nested_values import RecordValue, expand_value
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
    from collections.abc import Mapping

    from gerador.scenario.model import Scenario, StreamModel


_SHARE_PARAMETERS: Final = frozenset({"null", "missing", "share", "true_share"})
_INT_EXACT_MAX: Final = 10**15


def dump_number(name: str, value: float) -> Any:
    """Return a parameter's number as a file has it: a share, a duration, or a number."""
    if name in _SHARE_PARAMETERS:
        return _share(value)
    return _duration(value) if name == "every" else int_if_whole(value)


def int_if_whole(value: float) -> float:
    """Return a whole number without its point, where that says the same."""
    return int(value) if value.is_integer() and abs(value) < _INT_EXACT_MAX else value


def dump_timestamp(moment: datetime) -> str:
    """Return an instant in ISO 8601, with Z for UTC."""
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
    """Return what stands behind ``rate:``."""
    return _short_profile(dump_model(rate))


def dump_model(said: DeclarationModel) -> dict[str, Any]:
    """Return a form as a mapping, without what has its default."""
    made = said.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return (
        {**made, "rate": _short_profile(made["rate"])}
        if isinstance(made.get("rate"), dict)
        else made
    )


def dump_script(at: Mapping[int, Any]) -> dict[str, Any]:
    """Return what stands behind ``at:``."""
    dumped = _SCRIPT.dump_python(at, mode="json", by_alias=True, exclude_defaults=True)
    return {time: _dump_change(change) for time, change in dumped.items()}


def _short_profile(course: dict[str, Any]) -> Any:
    return course["constant"] if set(course) == {"constant"} else course


def _dump_change(change: dict[str, Any]) -> Any:
    if "halt" in change:
        return change["halt"]
    return {**change, "rate": _short_profile(change["rate"])} if "rate" in change else change


_LITERAL_PARAMETERS: Final = frozenset({"value", "values", "args"})
"""Parameters whose values are anybody's: 1.0 is not 1 there."""


def dump_attributes(model: BaseModel, but: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    """Return a model's attributes by the file's names, without those that have their default."""
    fields = {n: f for n, f in type(model).model_fields.items() if n not in but}
    return {
        f.alias or name: _dump_parameter(name, getattr(model, name))
        for name, f in fields.items()
        if f.is_required()
        or _is_not_default(getattr(model, name), f.get_default(call_default_factory=True))
    }


def _is_not_default(value: Any, default: Any) -> bool:
    """Tell whether a value is another than its default; 1 and 1.0 are, and so are 1 and true."""
    return value != default or type(value) is not type(default)


def _dump_parameter(name: str, value: Any) -> Any:
    """Return a parameter's value as a file has it."""
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
    """Return a declaration in its shortest form: ``uuid``, ``{poisson: 2, min: 1}``, ``7``.

    `as_number`: where a number stands, which has no ``{null: …, else: …}``.
    """
    if isinstance(value, ChoiceGenerator):
        return _dump_choice(value)
    parameters = _parameters(value)
    if isinstance(value, RecordValue) and _reads_as_record(parameters):
        return parameters["fields"]
    if (word := _single_word(value, parameters)) is not None:
        return word
    alone = _single_word(value, {k: v for k, v in parameters.items() if k != "null"})
    if alone is not None and not as_number:
        return {"null": parameters["null"], "else": alone}
    return _mapping(value, parameters)


def _reads_as_record(parameters: dict[str, Any]) -> bool:
    """Tell whether the fields alone read as this record."""
    fields = parameters["fields"]
    try:
        return set(parameters) == {"fields"} and expand_value(fields) == {
            "kind": "record",
            "fields": fields,
        }
    except ValueError:
        return False


def _parameters(value: ValueGenerator) -> dict[str, Any]:
    """Return the parameters of a declaration, its own first, then what every kind has."""
    own = dump_attributes(value, but={"kind"})
    if hasattr(value, "of") and not isinstance(value.of, str | int):
        inner = value.of
        own["of"] = [dump_value(v) for v in inner] if isinstance(inner, list) else dump_value(inner)
    if isinstance(value, RecordValue):
        own["fields"] = _record_fields(value)
    common = [name for name in ValueGenerator.model_fields if name in own]
    return {k: v for k, v in own.items() if k not in common} | {k: own[k] for k in common}


def _record_fields(record: RecordValue) -> dict[str, Any]:
    return {name: dump_value(value) for name, value in record.fields.items()}


def _single_word(value: ValueGenerator, parameters: dict[str, Any]) -> Any:
    """Return the one word, number or boolean that says all of a declaration; None: none does."""
    if not parameters:
        return value.kind
    if isinstance(value, FakerGenerator) and set(parameters) == {"provider"}:
        return f"{FAKER_PREFIX}{value.provider}"
    if isinstance(value, ConstantGenerator) and set(parameters) == {"value"}:
        return value.value if isinstance(value.value, bool | int | float) else None
    return None


def _mapping(value: ValueGenerator, parameters: dict[str, Any]) -> dict[str, Any]:
    main = value.main
    if main in parameters and not _ambiguous(value, parameters[main]):
        return {value.kind: parameters.pop(main), **parameters}
    return {value.kind: parameters}


def _ambiguous(value: ValueGenerator, main: Any) -> bool:
    """Tell whether a main parameter behind its kind would read as something else."""
    if main is None:
        return True
    if not isinstance(main, dict):
        return False
    if not value.main_is_mapping:
        return True
    return value.main in main and set(main) <= set(type(value).model_fields)


def _dump_choice(value: ChoiceGenerator) -> dict[str, Any]:
    """Return a choice with its weights where its values stand."""
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
    """Return a scenario as YAML that reads as an equal one. Cost: O(text)."""
    return to_yaml(_dump_scenario(scenario))


def _dump_scenario(scenario: Scenario) -> dict[str, Any]:
    said = dump_attributes(scenario, but={"streams", "speed", "rate"})
    timed = scenario.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, include={"speed", "rate"}
    )
    if scenario.rate is not None:
        timed["rate"] = dump_profile(scenario.rate)
    streams = {name: _dump_stream(stream) for name, stream in scenario.streams.items()}
    return {**said, **timed, "streams": streams}


def _dump_stream(stream: StreamModel) -> dict[str, Any]:
    made = dump_attributes(stream, but={"topic", "fields", "let", "rate", "at"})
    if topic := dump_attributes(stream.topic):
        made["topic"] = topic["name"] if set(topic) == {"name"} else topic
    for name in ("let", "fields"):
        if values := getattr(stream, name):
            made[name] = {k: dump_value(v) for k, v in values.items()}
    if stream.rate is not None:
        made["rate"] = dump_profile(stream.rate)
    if stream.at:
        made["at"] = dump_script(stream.at)
    order = keys_of(type(stream))
    return dict(sorted(made.items(), key=lambda item: order.index(item[0])))
