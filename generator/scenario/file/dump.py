"""The model of a scenario as a file again, in the file's short forms: it reads as an equal model.

Keys stand in the model's order, and what has its default is left out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, TypeAdapter

from generator.rates import duration_text, parse_duration_ns
from generator.scenario.at import At
from generator.scenario.course import Form
from generator.scenario.fields import ChoiceField, ConstantField, Declared, FakerField
from generator.scenario.fields.declared import read_share
from generator.scenario.fields.written import FAKER
from generator.scenario.file.layout import laid_out
from generator.scenario.file.model_at import words_of
from generator.scenario.file.values import RecordValue, written_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.scenario.file.model import Scenario, StreamFile

_AT: Final[TypeAdapter[Any]] = TypeAdapter(At)
_AS_THEY_ARE: Final = frozenset({"value", "values", "args"})
"""Parameters whose values are anybody's: 1.0 is not 1 there."""
_SHARES: Final = frozenset({"null", "missing", "share", "true_share"})
_NS_PER_S: Final = 1_000_000_000
_WHOLE_END: Final = 10**15


def write_scenario(scenario: Scenario) -> str:
    """Return a scenario as YAML that reads as an equal one. Cost: O(text)."""
    return laid_out(_scenario(scenario))


def _scenario(scenario: Scenario) -> dict[str, Any]:
    said = _plain(scenario, but={"streams", "speed", "rate"})
    timed = scenario.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, include={"speed", "rate"}
    )
    if scenario.rate is not None:
        timed["rate"] = _course(scenario.rate)
    streams = {name: _stream(stream) for name, stream in scenario.streams.items()}
    return {**said, **timed, "streams": streams}


def _stream(stream: StreamFile) -> dict[str, Any]:
    made = _plain(stream, but={"topic", "fields", "let", "rate", "at"})
    if topic := _plain(stream.topic):
        made["topic"] = topic["name"] if set(topic) == {"name"} else topic
    for name in ("let", "fields"):
        if values := getattr(stream, name):
            made[name] = {k: written(v) for k, v in values.items()}
    if stream.rate is not None:
        made["rate"] = _course(stream.rate)
    if stream.at:
        made["at"] = {time: _change(change) for time, change in _dumped_at(stream.at).items()}
    order = words_of(type(stream))
    return dict(sorted(made.items(), key=lambda item: order.index(item[0])))


def _course(course: Form) -> Any:
    return _short(_form(course))


def _form(form: Form) -> dict[str, Any]:
    made = form.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {**made, "rate": _short(made["rate"])} if isinstance(made.get("rate"), dict) else made


def _short(course: dict[str, Any]) -> Any:
    return course["constant"] if set(course) == {"constant"} else course


def _dumped_at(at: Mapping[int, Any]) -> dict[str, Any]:
    return _AT.dump_python(at, mode="json", by_alias=True, exclude_defaults=True)


def _change(change: dict[str, Any]) -> Any:
    if "halt" in change:
        return change["halt"]
    return {**change, "rate": _short(change["rate"])} if "rate" in change else change


def _plain(model: BaseModel, but: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
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
            return written(value, number=True)
        case Form():
            return _form(value)
        case BaseModel():
            return _plain(value)
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case dict():
            return {k: _parameter("", inner) for k, inner in value.items()}
        case list() | tuple():
            return [_parameter("", inner) for inner in value]
        case float():
            return _float(name, value)
        case _:
            return value


def _float(name: str, value: float) -> Any:
    if name in _SHARES:
        return _share(value)
    return _duration(value) if name == "every" else _number(value)


def _as_it_is(value: Any) -> Any:
    return [_as_it_is(inner) for inner in value] if isinstance(value, tuple) else value


def _number(value: float) -> float:
    """Return a whole number without its point, where that says the same."""
    return int(value) if value.is_integer() and abs(value) < _WHOLE_END else value


def _instant(instant: datetime) -> str:
    text = instant.isoformat()
    return text.replace("+00:00", "Z") if instant.utcoffset() == UTC.utcoffset(None) else text


def _share(share: float) -> Any:
    text = f"{share * 100:.12g}%"
    return text if read_share(text) == share and 0 < share < 1 else share


def _duration(seconds: float) -> Any:
    text = duration_text(round(seconds * _NS_PER_S))
    try:
        same = parse_duration_ns(text) == seconds * _NS_PER_S
    except ValueError:
        return seconds
    return text if same and seconds.is_integer() else seconds


def written(value: Declared, *, number: bool = False) -> Any:
    """Return a declaration in its shortest form: ``uuid``, ``{poisson: 2, min: 1}``, ``7``.

    `number`: where a number stands, which has no ``{null: …, else: …}``.
    """
    if isinstance(value, ChoiceField):
        return _choice(value)
    parameters = _parameters(value)
    if isinstance(value, RecordValue) and _reads_as_record(parameters):
        return parameters["fields"]
    if (word := _word(value, parameters)) is not None:
        return word
    alone = _word(value, {k: v for k, v in parameters.items() if k != "null"})
    if alone is not None and not number:
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
    own = _plain(value, but={"kind"})
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
    pairs = list(zip(value.values, map(_number, value.weights), strict=True))
    if all(isinstance(v, str) for v in value.values) and len(set(value.values)) == len(pairs):
        parameters["values"] = dict(pairs)
    else:
        parameters["values"] = [{"value": v, "weight": w} for v, w in pairs]
    return _mapping(value, parameters)
