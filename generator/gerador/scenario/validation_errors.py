"""Turn pydantic validation errors into messages with file, line, path and the valid alternatives."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from gerador.errors import did_you_mean
from gerador.scenario.model import STREAM_NAME_PATTERN, TOPIC_PATTERN, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ValidationError

    from gerador.scenario.yaml_reader import LineIndex, Location


def model_at(loc: Location, model: type[BaseModel]) -> type[BaseModel] | None:
    """Return the model at a place of `model`; None where there is none, or one of several."""
    at: Any = model
    for step in loc:
        at = _annotation_at(at, step)
    found = [form for _, form in _union_members(at) if _is_model(form)]
    return found[0] if len(found) == 1 else None


def _annotation_at(annotation: Any, step: str | int) -> Any:
    """Return what an annotation has at a step: a member of a union, a field, or what is inside."""
    forms = list(_union_members(annotation))
    if len(forms) > 1:
        for tag, form in forms:
            if tag == step:
                return form
    for _, form in forms:
        if _is_model(form):
            known = {f.alias or name: f.annotation for name, f in form.model_fields.items()}
            if step in known:
                return known[step]
        elif get_origin(form) in {dict, list, tuple}:
            inside = get_args(form)
            return inside[1] if get_origin(form) is dict else inside[0]
    return annotation


def _union_members(annotation: Any, tag: str | None = None) -> Iterator[tuple[str | None, Any]]:
    """Yield the members of an annotation, each with what names it in a union."""
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        tags = [t.tag for t in said if isinstance(t, Tag)]
        yield from _union_members(inner, tags[0] if tags else tag)
    elif get_origin(annotation) in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _union_members(member)
    elif annotation is not type(None):
        kind = annotation.model_fields.get("kind") if _is_model(annotation) else None
        yield tag or (kind.default if kind is not None else None), annotation


def _is_model(form: Any) -> bool:
    return isinstance(form, type) and issubclass(form, BaseModel)


SHOWN_CHARACTERS_MAX: Final = 60
_UNION_TAGS: Final = {
    "str": "text", "number": "a number", "int": "a whole number", "float": "a number",
    "bool": "true or false",
}  # fmt: skip
"""Steps of the model that are no steps of a file: which member of a union was tried."""
_PATTERN_MESSAGES: Final = {
    TOPIC_PATTERN: "a topic's name has letters, digits, '.', '_' and '-', 249 at most",
    STREAM_NAME_PATTERN: "a stream's name begins with a letter, then letters, digits, '.', '_' and '-', "
    "100 at most",
}
_TYPE_MESSAGES: Final = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "finite_number": "must be a finite number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "has too many digits",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "mapping_type": "must be a mapping",
    "model_type": "must be a mapping",
    "string_type": "must be text",
    "tuple_type": "must be a list",
}
"""What pydantic's kinds of faults are called."""
_LIMIT_MESSAGES: Final = {
    "greater_than": ("gt", "must be more than {0}"),
    "greater_than_equal": ("ge", "must be {0} or more"),
    "less_than": ("lt", "must be less than {0}"),
    "less_than_equal": ("le", "must be {0} or less"),
    "string_too_long": ("max_length", "is too long; give {0} characters at most"),
    "string_too_short": ("min_length", "is too short; give {0} characters at least"),
    "too_long": ("max_length", "has too many; give {0} at most"),
    "too_short": ("min_length", "has too few; give {0} at least"),
}

LocatedError: TypeAlias = "tuple[Location, str]"


def validation_errors(
    error: ValidationError, model: type[BaseModel], lines: LineIndex
) -> Iterator[LocatedError]:
    """Yield what is wrong, with its place in the model; each thing once."""
    tried: dict[Location, list[Any]] = {}
    found = error.errors(include_url=False)
    for fault in found:
        loc = tuple(fault["loc"])
        if fault["type"] == "too_short" and _has_inner_error(loc, found):
            continue  # too few items are sound: it is told of those that are not
        if (
            loc
            and loc[-1] in _UNION_TAGS
            and fault["type"] in _TYPE_MESSAGES
            and not _in_file(loc, lines)
        ):
            tried.setdefault(loc[:-1], []).append(fault)
            continue
        yield (
            loc[:-1] if loc and loc[-1] == "[key]" else loc,
            _message(fault, model_at(loc[:-1], model)),
        )
    yield from ((loc, _union_message(faults)) for loc, faults in tried.items())


def format_errors(faults: Iterable[LocatedError], lines: LineIndex) -> str:
    """Return a line for each fault, in the order of the file: file, line, path, text."""
    placed = {
        " ".join(f"{lines.place(loc)}: {text}".splitlines()): lines.of.get(lines.found(loc), 1)
        for loc, text in faults
    }
    return "\n".join(sorted(placed, key=lambda line: placed[line]))


def _has_inner_error(loc: Location, faults: Iterable[Any]) -> bool:
    """Tell whether there is a fault about something inside of what stands at a place."""
    return any(fault["loc"][: len(loc)] == loc != fault["loc"] for fault in faults)


def _in_file(loc: Location, lines: LineIndex) -> bool:
    return lines.found(loc)[-1:] == loc[-1:]


def _union_message(faults: list[Any]) -> str:
    """Return what is wrong about a value that is none of several plain things."""
    shown = _short_repr(faults[0]["input"])
    for fault in faults:
        if fault["type"] == "finite_number":
            return f"{shown} {_TYPE_MESSAGES['finite_number']}"
    tried = dict.fromkeys(_UNION_TAGS[str(fault["loc"][-1])] for fault in faults)
    words = [w for w in tried if w != "a whole number" or "a number" not in tried]
    return f"{shown} must be {', '.join(words[:-1])}{' or ' if len(words) > 1 else ''}{words[-1]}"


def _message(fault: Any, model: type[BaseModel] | None) -> str:
    kind, name = fault["type"], str(fault["loc"][-1]) if fault["loc"] else ""
    if kind == "extra_forbidden":
        known = [] if model is None else keys_of(model)
        there = f"; there is {', '.join(known)}" if known else ""
        return f"unknown word {name!r}{did_you_mean(name, known)}{there}"
    if kind == "missing":
        return f"{name!r} is missing; give it"
    if kind == "value_error":
        return _own_message(str(fault["msg"]).removeprefix("Value error, "), fault["input"])
    if fault["input"] is None:
        return f"nothing stands here; it {_problem(fault, name)}"
    return f"{_short_repr(fault['input'])} {_problem(fault, name)}"


def _own_message(text: str, value: Any) -> str:
    """Return a complaint of ours, with the value before it where it does not name it."""
    named = not isinstance(value, str | int | float) or str(value) in text
    return text if named else f"{_short_repr(value)}: {text}"


def _problem(fault: Any, name: str) -> str:
    """Return what is wrong about a value, behind the value."""
    kind, context = fault["type"], fault.get("ctx", {})
    if name == "[key]" and kind == "string_type":
        return "is a name here; put it in quotes"
    if kind == "string_pattern_mismatch" and context["pattern"] in _PATTERN_MESSAGES:
        return f"is no name here; {_PATTERN_MESSAGES[context['pattern']]}"
    if kind == "string_pattern_mismatch":
        return f"must match {context['pattern']}"
    if kind in _TYPE_MESSAGES:
        return _TYPE_MESSAGES[kind]
    if kind in _LIMIT_MESSAGES:
        limit, words = _LIMIT_MESSAGES[kind]
        return words.format(_limit_text(context[limit]))
    if kind.startswith("date_"):
        return "must be a date, like 2026-01-31"
    if kind.startswith("datetime_"):
        return "must be an instant, like 2026-01-31T12:00:00Z"
    return str(fault["msg"]).replace("Input should be", "must be").replace("valid ", "")


def _limit_text(limit: Any) -> str:
    return f"{int(limit):,}" if float(limit).is_integer() else str(limit)


def _short_repr(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}…"
