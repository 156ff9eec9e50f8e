"""Re-validate a scenario without its invalid fields, to report the errors that they mask."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.scenario.field_validation import unknown_field
from gerador.scenario.model import Scenario
from gerador.scenario.output import Output
from gerador.scenario.resolve import resolution_errors
from gerador.scenario.validation_errors import validation_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gerador.scenario.external_sources import ExternalTypes
    from gerador.scenario.yaml_reader import LineIndex, LocatedError, Location


PASSES_MAX: Final = 32
_FIELD_SECTIONS: Final = ("fields", "let")
_OUTPUT_SECTIONS: Final = tuple(Output.model_fields)
_FIELD_LOCATION_LENGTH: Final = 4
"""Steps of the location of a field: streams, name of the stream, fields or let, name."""
_STREAM_LOCATIONS: Final = ((), ("schema",), ("fields",), ("let",))
"""Steps after the stream's name at which an error makes the whole stream invalid."""
_PLACEHOLDER_ROWS: Final = 1_000_000
"""Total rows of a stream with an invalid number of rows, so that it is not taken for endless."""


def masked_errors(
    value: Mapping[str, Any],
    lines: LineIndex,
    external: ExternalTypes,
    found: Collection[LocatedError],
) -> list[LocatedError]:
    """Return the errors of a scenario's `value` that the first validation did not report.

    `found` are the errors of the first validation.

    Cost: one validation of the scenario for each level of masking errors, at most `PASSES_MAX`.
    """
    reported = list(found)
    streams, locale = _streams(value), _locale(value)
    new: Collection[LocatedError] = found
    for n in range(PASSES_MAX):
        removed = _remove_invalid(streams, new)
        # The first pass runs in any case: errors of other sections mask those of fields as well.
        if not streams or (n and not removed):
            break
        errors = _validate({**locale, "streams": streams}, lines, external)
        new = [error for error in errors if error not in reported and _is_reported(error[0])]
        reported += new
    keys = [error for error in _key_errors(_streams(value)) if error[0] not in dict(reported)]
    return reported[len(found) :] + keys


def _key_errors(streams: Mapping[Any, Any]) -> Iterator[LocatedError]:
    """Yield keys that are not the name of a field, however invalid the fields are."""
    for name, stream in streams.items():
        key, fields = stream.get("topic", {}).get("key"), stream.get("fields")
        derived = isinstance(fields, dict) and "schema" not in stream
        if derived and isinstance(key, str) and key not in fields:
            yield ("streams", name, "topic", "key"), unknown_field(key, map(str, fields))


def _validate(
    value: dict[str, Any], lines: LineIndex, external: ExternalTypes
) -> list[LocatedError]:
    try:
        return resolution_errors(Scenario.model_validate(value), external, ())
    except ValidationError as e:
        return list(validation_errors(e, Scenario, lines))


def _streams(value: Mapping[str, Any]) -> dict[Any, Any]:
    """Return the streams with only their fields, what these depend on, and their output."""
    streams = value.get("streams")
    if not isinstance(streams, dict):
        return {}
    return {name: _stream(s) for name, s in streams.items() if isinstance(s, dict)}


def _stream(stream: Mapping[Any, Any]) -> dict[Any, Any]:
    sections = ("rows", "schema", *_FIELD_SECTIONS, *_OUTPUT_SECTIONS)
    kept = {key: stream[key] for key in sections if key in stream}
    kept |= _locale(stream)
    topic = stream.get("topic")
    if isinstance(topic, dict) and "key" in topic:
        kept["topic"] = {"key": topic["key"]}
    return kept


def _locale(value: Mapping[Any, Any]) -> dict[str, str]:
    """Return the locale of a scenario or stream, without one that is invalid in itself."""
    locale = value.get("locale")
    return {"locale": locale} if isinstance(locale, str) and locale else {}


def _is_reported(loc: Location) -> bool:
    if _is_field_location(loc) or loc[-1:] == ("locale",):
        return True
    return loc[2:4] == ("topic", "key") or _is_output_location(loc)


def _is_field_location(loc: Location) -> bool:
    return len(loc) >= _FIELD_LOCATION_LENGTH and loc[0] == "streams" and loc[2] in _FIELD_SECTIONS


def _is_output_location(loc: Location) -> bool:
    return loc[:1] == ("streams",) and loc[2:3] != () and loc[2] in _OUTPUT_SECTIONS


def _remove_invalid(streams: dict[Any, Any], errors: Collection[LocatedError]) -> bool:
    """Remove from the streams what has errors; return whether anything was removed."""
    before = json.dumps(streams, default=str)
    for loc, _ in errors:
        if _is_field_location(loc):
            _remove_field(streams, loc[1], loc[3])
        elif loc[2:4] == ("topic", "key") and loc[1] in streams:
            streams[loc[1]].pop("topic", None)
        elif loc[2:3] == ("rows",) and loc[1] in streams:
            streams[loc[1]]["rows"] = _PLACEHOLDER_ROWS
        elif _is_output_location(loc) and loc[1] in streams:
            streams[loc[1]].pop(loc[2], None)
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
    for section in _FIELD_SECTIONS:
        fields = streams[stream].get(section)
        if isinstance(fields, dict):
            streams[stream][section] = {k: v for k, v in fields.items() if k != name}
    if streams[stream].get("topic", {}).get("key") == name:
        del streams[stream]["topic"]
    _remove_references(streams, stream, rf"\b{re.escape(str(name))}\b")
    for other in [s for s in streams if s != stream]:
        _remove_references(streams, other, rf"\b{re.escape(f'{stream}.{name}')}\b")
    if stream in streams and not streams[stream].get("fields") and "schema" not in streams[stream]:
        _remove_stream(streams, stream)


def _remove_references(streams: dict[Any, Any], stream: Any, pattern: str) -> None:
    """Remove a stream's fields that mention what was removed, and the fields that mention these."""
    for section in _FIELD_SECTIONS:
        fields = streams.get(stream, {}).get(section)
        for name, value in list(fields.items()) if isinstance(fields, dict) else ():
            if any(re.search(pattern, text) for text in _texts(value)):
                _remove_field(streams, stream, name)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value, which may mention other fields; keys never do."""
    if isinstance(value, str):
        yield value
    nested = value.values() if isinstance(value, dict) else value
    for inner in nested if isinstance(value, dict | list) else ():
        yield from _texts(inner)
