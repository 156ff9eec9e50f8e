"""What is wrong behind what is wrong: a broken file judged again without its broken fields.

A fault hides others: a field that is no field has no type, and so neither has what reads it. What
was found wrong is left out, with all that speaks of it, and the rest is judged once more, until
nothing new is found. Of such a rest only its fields are believed: what a whole stream or the
whole file seems to lack may be what was left out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.scenario.file.complaints import complaints
from gerador.scenario.file.model import Scenario
from gerador.scenario.file.resolve import faults_of
from gerador.scenario.fit import no_key_field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gerador.scenario.file.complaints import Fault
    from gerador.scenario.file.resolve import Knowledge
    from gerador.scenario.file.text import Lines, Path

ROUNDS_MAX: Final = 32
_FIELDS: Final = ("fields", "let")
_FIELD_STEPS: Final = 4
"""Steps of a path to a field: streams, its stream, fields or let, its name."""
_WHOLE_STREAM: Final = ((), ("schema",), ("fields",), ("let",))
"""What stands behind the stream's name where all of the stream is wrong."""
_ANY_ROWS: Final = 1_000_000
"""The bound of a stream whose own bound is wrong: it is meant to have one."""


def faults_behind(
    value: Mapping[str, Any], lines: Lines, knowledge: Knowledge, found: Collection[Fault]
) -> list[Fault]:
    """Return what is wrong besides `found`, which was found first in the file's `value`.

    Cost: that of judging the file, once for every fault behind a fault.
    """
    known = list(found)
    behind: list[Fault] = []
    streams = _streams(value)
    fresh: Collection[Fault] = found
    for _ in range(ROUNDS_MAX):
        if not _left_out(streams, fresh) or not streams:
            break
        # The file's own words were judged, and are no field's business.
        judged = _judged({"streams": streams}, lines, knowledge)
        fresh = [fault for fault in judged if fault not in known and _is_believed(fault[0])]
        known += fresh
        behind += fresh
    return behind + [fault for fault in _keys(_streams(value)) if fault[0] not in dict(known)]


def _keys(streams: Mapping[Any, Any]) -> Iterator[Fault]:
    """Yield keys that are no field's name, which is known however wrong the fields are."""
    for name, stream in streams.items():
        key, fields = stream.get("topic", {}).get("key"), stream.get("fields")
        known = isinstance(fields, dict) and "schema" not in stream
        if known and isinstance(key, str) and key not in fields:
            yield ("streams", name, "topic", "key"), no_key_field(key, map(str, fields))


def _judged(value: dict[str, Any], lines: Lines, knowledge: Knowledge) -> list[Fault]:
    try:
        return faults_of(Scenario.model_validate(value), knowledge, ())
    except ValidationError as e:
        return list(complaints(e, Scenario, lines))


def _streams(value: Mapping[str, Any]) -> dict[Any, Any]:
    """Return the streams with what is judged with their fields: schemas, bounds and keys."""
    given = value.get("streams")
    if not isinstance(given, dict):
        return {}
    return {name: _stream(s) for name, s in given.items() if isinstance(s, dict)}


def _stream(stream: Mapping[Any, Any]) -> dict[Any, Any]:
    made = {word: stream[word] for word in ("rows", "schema", *_FIELDS) if word in stream}
    topic = stream.get("topic")
    if isinstance(topic, dict) and "key" in topic:
        made["topic"] = {"key": topic["key"]}
    return made


def _is_believed(loc: Path) -> bool:
    return _is_of_a_field(loc) or loc[2:4] == ("topic", "key")


def _is_of_a_field(loc: Path) -> bool:
    return len(loc) >= _FIELD_STEPS and loc[0] == "streams" and loc[2] in _FIELDS


def _left_out(streams: dict[Any, Any], faults: Collection[Fault]) -> bool:
    """Leave out of the streams what is wrong; tell whether that was anything."""
    before = json.dumps(streams, default=str)
    for loc, _ in faults:
        if _is_of_a_field(loc):
            _without_field(streams, loc[1], loc[3])
        elif loc[2:4] == ("topic", "key") and loc[1] in streams:
            streams[loc[1]].pop("topic", None)
        elif loc[2:3] == ("rows",) and loc[1] in streams:
            streams[loc[1]]["rows"] = _ANY_ROWS
        elif len(loc) > 1 and loc[0] == "streams" and loc[2:3] in _WHOLE_STREAM:
            _without_stream(streams, loc[1])
    return json.dumps(streams, default=str) != before


def _without_stream(streams: dict[Any, Any], name: Any) -> None:
    streams.pop(name, None)
    for other in list(streams):
        _without_mentions(streams, other, rf"\b{re.escape(str(name))}\.")


def _without_field(streams: dict[Any, Any], stream: Any, name: Any) -> None:
    if stream not in streams:
        return
    for part in _FIELDS:
        fields = streams[stream].get(part)
        if isinstance(fields, dict):
            fields = {k: v for k, v in fields.items() if k != name}
            streams[stream][part] = fields
    if streams[stream].get("topic", {}).get("key") == name:
        del streams[stream]["topic"]
    _without_mentions(streams, stream, rf"\b{re.escape(str(name))}\b")
    for other in [s for s in streams if s != stream]:
        _without_mentions(streams, other, rf"\b{re.escape(f'{stream}.{name}')}\b")
    if stream in streams and not streams[stream].get("fields") and "schema" not in streams[stream]:
        _without_stream(streams, stream)


def _without_mentions(streams: dict[Any, Any], stream: Any, pattern: str) -> None:
    """Leave out a stream's fields that speak of what was left out, and what speaks of these."""
    for part in _FIELDS:
        fields = streams.get(stream, {}).get(part)
        for name, value in list(fields.items()) if isinstance(fields, dict) else ():
            if any(re.search(pattern, text) for text in _texts(value)):
                _without_field(streams, stream, name)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value, in which other fields may be named; keys name none."""
    if isinstance(value, str):
        yield value
    inside = value.values() if isinstance(value, dict) else value
    for inner in inside if isinstance(value, dict | list) else ():
        yield from _texts(inner)
