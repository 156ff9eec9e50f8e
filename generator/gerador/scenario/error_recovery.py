"""Re-validate a file without its invalid fields, to report the errors that they mask."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.scenario.field_validation import unknown_key_message
from gerador.scenario.model import Scenario
from gerador.scenario.resolve import resolution_errors
from gerador.scenario.validation_errors import validation_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gerador.scenario.plan import ExternalTypes
    from gerador.scenario.validation_errors import LocatedError
    from gerador.scenario.yaml_reader import LineIndex, Location


PASSES_MAX: Final = 32
_FIELD_SECTIONS: Final = ("fields", "let")
_FIELD_LOCATION_LENGTH: Final = 4
"""Steps of a path to a field: streams, its stream, fields or let, its name."""
_STREAM_LOCATIONS: Final = ((), ("schema",), ("fields",), ("let",))
"""What stands behind the stream's name where all of the stream is wrong."""
_PLACEHOLDER_ROWS: Final = 1_000_000
"""The bound of a stream whose own bound is wrong: it is meant to have one."""


def masked_errors(
    value: Mapping[str, Any],
    lines: LineIndex,
    knowledge: ExternalTypes,
    found: Collection[LocatedError],
) -> list[LocatedError]:
    """Return what is wrong besides `found`, which was found first in the file's `value`.

    Cost: that of judging the file, once for every fault behind a fault.
    """
    known = list(found)
    behind: list[LocatedError] = []
    streams = _streams(value)
    fresh: Collection[LocatedError] = found
    for _ in range(PASSES_MAX):
        if not _remove_invalid(streams, fresh) or not streams:
            break
        # The file's own words were judged, and are no field's business.
        judged = _validate({"streams": streams}, lines, knowledge)
        fresh = [fault for fault in judged if fault not in known and _is_reported(fault[0])]
        known += fresh
        behind += fresh
    return behind + [fault for fault in _key_errors(_streams(value)) if fault[0] not in dict(known)]


def _key_errors(streams: Mapping[Any, Any]) -> Iterator[LocatedError]:
    """Yield keys that are no field's name, which is known however wrong the fields are."""
    for name, stream in streams.items():
        key, fields = stream.get("topic", {}).get("key"), stream.get("fields")
        known = isinstance(fields, dict) and "schema" not in stream
        if known and isinstance(key, str) and key not in fields:
            yield ("streams", name, "topic", "key"), unknown_key_message(key, map(str, fields))


def _validate(
    value: dict[str, Any], lines: LineIndex, knowledge: ExternalTypes
) -> list[LocatedError]:
    try:
        return resolution_errors(Scenario.model_validate(value), knowledge, ())
    except ValidationError as e:
        return list(validation_errors(e, Scenario, lines))


def _streams(value: Mapping[str, Any]) -> dict[Any, Any]:
    """Return the streams with what is judged with their fields: schemas, bounds and keys."""
    given = value.get("streams")
    if not isinstance(given, dict):
        return {}
    return {name: _stream(s) for name, s in given.items() if isinstance(s, dict)}


def _stream(stream: Mapping[Any, Any]) -> dict[Any, Any]:
    made = {word: stream[word] for word in ("rows", "schema", *_FIELD_SECTIONS) if word in stream}
    topic = stream.get("topic")
    if isinstance(topic, dict) and "key" in topic:
        made["topic"] = {"key": topic["key"]}
    return made


def _is_reported(loc: Location) -> bool:
    return _is_field_location(loc) or loc[2:4] == ("topic", "key")


def _is_field_location(loc: Location) -> bool:
    return len(loc) >= _FIELD_LOCATION_LENGTH and loc[0] == "streams" and loc[2] in _FIELD_SECTIONS


def _remove_invalid(streams: dict[Any, Any], faults: Collection[LocatedError]) -> bool:
    """Leave out of the streams what is wrong; tell whether that was anything."""
    before = json.dumps(streams, default=str)
    for loc, _ in faults:
        if _is_field_location(loc):
            _remove_field(streams, loc[1], loc[3])
        elif loc[2:4] == ("topic", "key") and loc[1] in streams:
            streams[loc[1]].pop("topic", None)
        elif loc[2:3] == ("rows",) and loc[1] in streams:
            streams[loc[1]]["rows"] = _PLACEHOLDER_ROWS
        elif len(loc) > 1 and loc[0] == "streams" and loc[2:3] in _STREAM_LOCATIONS:
            _remove_stream(streams, loc[1])
    return json.dumps(streams, default=str) != before


def _remove_stream(streams: dict[Any, Any], name: Any) -> None:
    streams.pop(name, None)
    for other in list(streams):
        _remove_references(streams, other, rf"\b{re.escape(str(name))}\.")


def _remove_field(streams: dict[Any, Any], stream: Any, name: Any) -> None:
    if stream not in streams:
        return
    for part in _FIELD_SECTIONS:
        fields = streams[stream].get(part)
        if isinstance(fields, dict):
            fields = {k: v for k, v in fields.items() if k != name}
            streams[stream][part] = fields
    if streams[stream].get("topic", {}).get("key") == name:
        del streams[stream]["topic"]
    _remove_references(streams, stream, rf"\b{re.escape(str(name))}\b")
    for other in [s for s in streams if s != stream]:
        _remove_references(streams, other, rf"\b{re.escape(f'{stream}.{name}')}\b")
    if stream in streams and not streams[stream].get("fields") and "schema" not in streams[stream]:
        _remove_stream(streams, stream)


def _remove_references(streams: dict[Any, Any], stream: Any, pattern: str) -> None:
    """Leave out a stream's fields that speak of what was left out, and what speaks of these."""
    for part in _FIELD_SECTIONS:
        fields = streams.get(stream, {}).get(part)
        for name, value in list(fields.items()) if isinstance(fields, dict) else ():
            if any(re.search(pattern, text) for text in _texts(value)):
                _remove_field(streams, stream, name)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value, in which other fields may be named; keys name none."""
    if isinstance(value, str):
        yield value
    inside = value.values() if isinstance(value, dict) else value
    for inner in inside if isinstance(value, dict | list) else ():
        yield from _texts(inner)
