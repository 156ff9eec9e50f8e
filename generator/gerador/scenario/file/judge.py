"""What makes no sense about streams although each word of theirs does: beside one another, in all.

Judges only; places are those of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gerador.errors import ConfigurationError
from gerador.scenario.at import check_at
from gerador.scenario.course import Constant
from gerador.scenario.fit import check_key
from gerador.scenario.lookups import about_lookups
from gerador.scenario.output_fit import check_output

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gerador.scenario.avro import Record
    from gerador.scenario.file.complaints import Fault
    from gerador.scenario.file.flatten import Flat
    from gerador.scenario.file.model import Scenario, StreamFile
    from gerador.scenario.file.text import Path
    from gerador.scenario.model import StreamSpec
    from gerador.scenario.output import Output


def about_scenario(scenario: Scenario, broken: Collection[str]) -> Iterator[Fault]:
    """Yield two streams of one topic, and a rate that no stream has a share of."""
    topics: dict[str, str] = {}
    for name, stream in scenario.streams.items():
        topic = stream.topic.name or name
        if topic in topics:
            loc = ("streams", name, "topic", "name")
            feeds = f"topic {topic!r} is that of stream {topics[topic]!r} as well"
            yield loc, f"{feeds}; give each stream a topic of its own"
        topics.setdefault(topic, name)
    if scenario.rate and not broken and all(s.rate for s in scenario.streams.values()):
        yield ("rate",), "every stream has a rate of its own; remove this one, or one of theirs"


def about_rate(scenario: Scenario, stream: StreamFile, loc: Path) -> Iterator[Fault]:
    """Yield a script over full speed, and a weight that weighs nothing."""
    rate = stream.rate or scenario.rate
    try:
        check_at(rate, stream.at)
    except ValueError as e:
        yield (*loc, "at"), str(e)
    if "weight" not in stream.model_fields_set:
        return
    if rate is None:
        text = "a weight is a share of the scenario's rate; give a rate above streams, or remove it"
        yield (*loc, "weight"), text
    elif stream.rate is not None and stream.rate != Constant(constant="max"):
        yield (*loc, "weight"), "a weight beside a rate of its own means nothing; keep one of them"


def about_records(stream: StreamFile, sent: Record, output: Output, loc: Path) -> Iterator[Fault]:
    """Yield what does not fit what is sent about its key, formats and headers."""
    key = stream.topic.key
    try:
        check_key("", sent, key)
    except ConfigurationError as e:
        yield (*loc, "topic", "key"), str(e).removeprefix(": ")
        return
    try:
        check_output("", sent, output, key)
    except ConfigurationError as e:
        text = str(e).removeprefix(": ")
        header = re.match(r"header '(.*?)': ", text)
        where = ("headers", header[1]) if header else ("key_format",)
        yield (*loc, *where), text[header.end() :] if header else text


def about_specs(specs: Mapping[str, StreamSpec], flats: Mapping[str, Flat]) -> Iterator[Fault]:
    """Yield what is wrong about fields that look at other streams, those that are known."""
    for stream, path, parameter, text in about_lookups(specs.values()):
        looked = getattr(specs[stream].fields[path], "stream", stream)
        if looked in specs or looked not in flats:
            yield flats[stream].place(path, parameter), text
