"""Turn pydantic's validation errors into messages with file, line, path and valid alternatives."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from gerador.errors import did_you_mean
from gerador.scenario.model import STREAM_NAME_PATTERN, TOPIC_PATTERN, keys_of
from gerador.scenario.unknown_name_messages import current_key, suggested_key
from gerador.values.number_parameters import Distribution
from gerador.values.shorthand import registered_distributions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ValidationError

    from gerador.scenario.yaml_reader import LineIndex, LocatedError, Location


def model_at(loc: Location, model: type[BaseModel]) -> type[BaseModel] | None:
    """Return the model at a location in `model`; None when there is none, or more than one."""
    annotation: Any = model
    for step in loc:
        annotation = _annotation_at(annotation, step)
    found = [member for _, member in _union_members(annotation) if _is_model(member)]
    return found[0] if len(found) == 1 else None


def _annotation_at(annotation: Any, step: str | int) -> Any:
    """Return the annotation one step inside: a union member, a field, or an item or value."""
    members = list(_union_members(annotation))
    if len(members) > 1:
        for tag, member in members:
            if tag == step:
                return member
    for _, member in members:
        if _is_model(member):
            fields = {f.alias or name: f.annotation for name, f in member.model_fields.items()}
            if step in fields:
                return fields[step]
        elif get_origin(member) in {dict, list, tuple}:
            return get_args(member)[1 if get_origin(member) is dict else 0]
    return annotation


def _union_members(annotation: Any, tag: str | None = None) -> Iterator[tuple[str | None, Any]]:
    """Yield the members of an annotation, each with its tag in the union."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        tags = [m.tag for m in metadata if isinstance(m, Tag)]
        yield from _union_members(inner, tags[0] if tags else tag)
    elif get_origin(annotation) in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _union_members(member)
    elif annotation is Distribution:
        yield from registered_distributions().items()
    elif annotation is not type(None):
        kind = annotation.model_fields.get("kind") if _is_model(annotation) else None
        yield tag or (kind.default if kind is not None else None), annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


SHOWN_CHARACTERS_MAX: Final = 60
_UNION_TAGS: Final = {
    "str": "text",
    "number": "a number",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
}
"""Steps of the model that a file does not have: the union member that was tried."""
_PATTERN_MESSAGES: Final = {
    TOPIC_PATTERN: "is not a topic name; expected 1 to 249 letters, digits, '.', '_' or '-'",
    STREAM_NAME_PATTERN: "is not a stream name; expected a letter or '_', then letters, digits, "
    "'.', '_' or '-', at most 100 characters",
}
_TYPE_MESSAGES: Final = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "finite_number": "must be a finite number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_from_float": "must be an integer",
    "int_parsing": "must be an integer",
    "int_parsing_size": "has too many digits",
    "int_type": "must be an integer",
    "list_type": "must be a list",
    "mapping_type": "must be a mapping",
    "model_type": "must be a mapping",
    "string_type": "must be text",
    "tuple_type": "must be a list",
}
"""Messages by pydantic's error type."""
_LIMIT_MESSAGES: Final = {
    "greater_than": ("gt", "must be greater than {0}"),
    "greater_than_equal": ("ge", "is below the minimum {0}"),
    "less_than": ("lt", "must be less than {0}"),
    "less_than_equal": ("le", "is above the maximum {0}"),
    "string_too_long": ("max_length", "is too long; the maximum is {0} characters"),
    "string_too_short": ("min_length", "is too short; the minimum length is {0}"),
    "too_long": ("max_length", "has too many entries; the maximum is {0}"),
    "too_short": ("min_length", "has too few entries; the minimum is {0}"),
}
"""Error types about a limit: the name of the limit in the context, and the message."""


def validation_errors(
    error: ValidationError, model: type[BaseModel], lines: LineIndex
) -> Iterator[LocatedError]:
    """Yield each error once, with its location in the model."""
    tried: dict[Location, list[Any]] = {}
    found = error.errors(include_url=False)
    for each in found:
        loc = tuple(each["loc"])
        if each["type"] == "too_short" and _has_inner_error(loc, found):
            continue  # the items were not counted because of their own errors
        if each["type"] == "missing" and _has_former_name(loc, found):
            continue
        if _is_union_member(loc, lines) and each["type"] in _TYPE_MESSAGES:
            tried.setdefault(loc[:-1], []).append(each)
            continue
        yield _shown_location(each, model), error_message(each, model_at(loc[:-1], model))
    yield from ((loc, _union_message(errors)) for loc, errors in tried.items())


def _shown_location(error: Any, model: type[BaseModel]) -> Location:
    """Return the location of an error: of a missing key, that of the mapping without it."""
    loc = tuple(error["loc"])
    if loc[-1:] == ("[key]",):
        return loc[:-1]
    parent = model_at(loc[:-1], model)
    # A tag of a union that is also a key, such as `rows` of {rows: 5}, is not the mapping.
    if error["type"] == "missing" and parent is not None and loc[-2:-1] != ():
        return loc[:-2] if loc[-2] in keys_of(parent) else loc[:-1]
    return loc


def format_errors(errors: Iterable[LocatedError], lines: LineIndex) -> str:
    """Return one line for each error, in the order of the file: file:line: path: message."""
    line_of = {
        " ".join(f"{lines.format(loc)}: {text}".splitlines()): lines.line_of.get(
            lines.nearest(loc), 1
        )
        for loc, text in errors
    }
    return "\n".join(sorted(line_of, key=lambda message: line_of[message]))


def _has_inner_error(loc: Location, errors: Iterable[Any]) -> bool:
    """Return whether there is an error inside the value at a location."""
    return any(error["loc"][: len(loc)] == loc != error["loc"] for error in errors)


def _has_former_name(loc: Location, errors: Iterable[Any]) -> bool:
    """Return whether a missing key is in the file by its former name."""
    siblings = (tuple(e["loc"]) for e in errors if e["type"] == "extra_forbidden")
    return any(
        s[:-1] == loc[:-1] and current_key(str(s[-1]), (str(loc[-1]),)) is not None
        for s in siblings
    )


def _is_union_member(loc: Location, lines: LineIndex) -> bool:
    """Return whether the last step is a union member that was tried, not a key of the file."""
    return bool(loc) and loc[-1] in _UNION_TAGS and lines.nearest(loc)[-1:] != loc[-1:]


def _union_message(errors: list[Any]) -> str:
    """Return the message for a value that has none of several plain types."""
    shown = _short_repr(errors[0]["input"])
    for error in errors:
        if error["type"] == "finite_number":
            return f"{shown} {_TYPE_MESSAGES['finite_number']}"
    tried = dict.fromkeys(_UNION_TAGS[str(error["loc"][-1])] for error in errors)
    types = [t for t in tried if t != "an integer" or "a number" not in tried]
    return f"{shown} must be {', '.join(types[:-1])}{' or ' if len(types) > 1 else ''}{types[-1]}"


def error_message(error: Any, model: type[BaseModel] | None = None) -> str:
    """Return the message for one of pydantic's errors; `model` is the model that it is in."""
    kind, name = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        keys = [] if model is None else keys_of(model)
        if (current := current_key(name, keys)) is not None:
            return f"unknown key {name!r}; it is now {current!r}"
        if model is not None and (section := _section_of(name, model)) is not None:
            return f"unknown key {name!r}; write {section}: {{{name}: …}}"
        advice = f"valid keys: {', '.join(keys)}" if keys else ""
        closest = suggested_key(name, keys)
        return f"unknown key {name!r}{did_you_mean(name, keys, advice, closest=closest)}"
    if kind == "missing":
        return f"missing key {name!r}"
    if kind == "value_error":
        return _own_message(str(error["msg"]).removeprefix("Value error, "), error["input"])
    if error["input"] is None:
        return f"missing value; it {_problem(error, name)}"
    return f"{_short_repr(error['input'])} {_problem(error, name)}"


def _section_of(name: str, model: type[BaseModel]) -> str | None:
    """Return the key of `model` whose value is a mapping with a key `name`; None: there is none."""
    for section in model.model_fields:
        inner = model_at((section,), model)
        if inner is not None and name in keys_of(inner):
            return section
    return None


def _own_message(text: str, value: Any) -> str:
    """Return the message of a validator of ours, after the value when it does not name it."""
    if not isinstance(value, str | int | float) or str(value) in text:
        return text
    verb = " is " if text.startswith(("not ", "outside ")) else ": "
    return f"{_short_repr(value)}{verb}{text}"


def _problem(error: Any, name: str) -> str:
    """Return the part of a message that follows the value."""
    kind, context = error["type"], error.get("ctx", {})
    if name == "[key]" and kind == "string_type":
        return "is not text; put the name in quotes"
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        return _PATTERN_MESSAGES.get(pattern, f"must match {pattern}")
    if kind in _TYPE_MESSAGES:
        is_share = str(error["input"]).rstrip().endswith("%") and "number" in _TYPE_MESSAGES[kind]
        return _TYPE_MESSAGES[kind] + (", without %" if is_share else "")
    if kind in _LIMIT_MESSAGES:
        limit, text = _LIMIT_MESSAGES[kind]
        return text.format(_limit_text(context[limit]))
    if kind.startswith("date_"):
        return "is not a date; expected ISO 8601, for example 2026-01-31"
    if kind.startswith("datetime_"):
        return "is not a timestamp; expected ISO 8601, for example 2026-01-31T12:00:00Z"
    return str(error["msg"]).replace("Input should be", "must be").replace("valid ", "")


def _limit_text(limit: Any) -> str:
    return f"{int(limit):,}" if float(limit).is_integer() else str(limit)


def _short_repr(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}…"
