"""What pydantic says about a file, in lines: file, line, path, what is wrong, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gerador.errors import did_you_mean
from gerador.scenario.file.model import STREAM, TOPIC
from gerador.scenario.file.model_at import model_at, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel, ValidationError

    from gerador.scenario.file.text import Lines, Path

SHOWN_CHARACTERS_MAX: Final = 60
_MEMBERS: Final = {
    "str": "text", "number": "a number", "int": "a whole number", "float": "a number",
    "bool": "true or false",
}  # fmt: skip
"""Steps of the model that are no steps of a file: which member of a union was tried."""
_PATTERNS: Final = {
    TOPIC: "a topic's name has letters, digits, '.', '_' and '-', 249 at most",
    STREAM: "a stream's name begins with a letter, then letters, digits, '.', '_' and '-', "
    "100 at most",
}
_WORDS: Final = {
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
_LIMITS: Final = {
    "greater_than": ("gt", "must be more than {0}"),
    "greater_than_equal": ("ge", "must be {0} or more"),
    "less_than": ("lt", "must be less than {0}"),
    "less_than_equal": ("le", "must be {0} or less"),
    "string_too_long": ("max_length", "is too long; give {0} characters at most"),
    "string_too_short": ("min_length", "is too short; give {0} characters at least"),
    "too_long": ("max_length", "has too many; give {0} at most"),
    "too_short": ("min_length", "has too few; give {0} at least"),
}

Fault: TypeAlias = "tuple[Path, str]"


def complaints(error: ValidationError, model: type[BaseModel], lines: Lines) -> Iterator[Fault]:
    """Yield what is wrong, with its place in the model; each thing once."""
    tried: dict[Path, list[Any]] = {}
    found = error.errors(include_url=False)
    for fault in found:
        loc = tuple(fault["loc"])
        if fault["type"] == "too_short" and _inside(loc, found):
            continue  # too few items are sound: it is told of those that are not
        if loc and loc[-1] in _MEMBERS and fault["type"] in _WORDS and not _in_file(loc, lines):
            tried.setdefault(loc[:-1], []).append(fault)
            continue
        yield (
            loc[:-1] if loc and loc[-1] == "[key]" else loc,
            _text(fault, model_at(loc[:-1], model)),
        )
    yield from ((loc, _of_members(faults)) for loc, faults in tried.items())


def told(faults: Iterable[Fault], lines: Lines) -> str:
    """Return a line for each fault, in the order of the file: file, line, path, text."""
    placed = {
        " ".join(f"{lines.place(loc)}: {text}".splitlines()): lines.of.get(lines.found(loc), 1)
        for loc, text in faults
    }
    return "\n".join(sorted(placed, key=lambda line: placed[line]))


def _inside(loc: Path, faults: Iterable[Any]) -> bool:
    """Tell whether there is a fault about something inside of what stands at a place."""
    return any(fault["loc"][: len(loc)] == loc != fault["loc"] for fault in faults)


def _in_file(loc: Path, lines: Lines) -> bool:
    return lines.found(loc)[-1:] == loc[-1:]


def _of_members(faults: list[Any]) -> str:
    """Return what is wrong about a value that is none of several plain things."""
    shown = _shown(faults[0]["input"])
    for fault in faults:
        if fault["type"] == "finite_number":
            return f"{shown} {_WORDS['finite_number']}"
    tried = dict.fromkeys(_MEMBERS[str(fault["loc"][-1])] for fault in faults)
    words = [w for w in tried if w != "a whole number" or "a number" not in tried]
    return f"{shown} must be {', '.join(words[:-1])}{' or ' if len(words) > 1 else ''}{words[-1]}"


def _text(fault: Any, model: type[BaseModel] | None) -> str:
    kind, name = fault["type"], str(fault["loc"][-1]) if fault["loc"] else ""
    if kind == "extra_forbidden":
        known = [] if model is None else words_of(model)
        there = f"; there is {', '.join(known)}" if known else ""
        return f"unknown word {name!r}{did_you_mean(name, known)}{there}"
    if kind == "missing":
        return f"{name!r} is missing; give it"
    if kind == "value_error":
        return _told_by_us(str(fault["msg"]).removeprefix("Value error, "), fault["input"])
    if fault["input"] is None:
        return f"nothing stands here; it {_wrong(fault, name)}"
    return f"{_shown(fault['input'])} {_wrong(fault, name)}"


def _told_by_us(text: str, value: Any) -> str:
    """Return a complaint of ours, with the value before it where it does not name it."""
    named = not isinstance(value, str | int | float) or str(value) in text
    return text if named else f"{_shown(value)}: {text}"


def _wrong(fault: Any, name: str) -> str:
    """Return what is wrong about a value, behind the value."""
    kind, context = fault["type"], fault.get("ctx", {})
    if name == "[key]" and kind == "string_type":
        return "is a name here; put it in quotes"
    if kind == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return f"is no name here; {_PATTERNS[context['pattern']]}"
    if kind == "string_pattern_mismatch":
        return f"must match {context['pattern']}"
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return words.format(_bare(context[limit]))
    if kind.startswith("date_"):
        return "must be a date, like 2026-01-31"
    if kind.startswith("datetime_"):
        return "must be an instant, like 2026-01-31T12:00:00Z"
    return str(fault["msg"]).replace("Input should be", "must be").replace("valid ", "")


def _bare(limit: Any) -> str:
    return f"{int(limit):,}" if float(limit).is_integer() else str(limit)


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}…"
