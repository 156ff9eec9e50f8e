"""The scenario file: what it may say. Strict: a word that means nothing is refused.

Each attribute is a word of the file; its docstring is the description in the JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from gerador.limits import GENERATION_ROWS, SEED_MAX
from gerador.scenario.at import At
from gerador.scenario.course import Constant, Course
from gerador.scenario.file.values import Value
from gerador.scenario.output import Output
from gerador.scenario.rates import Speed, written
from gerador.scenario.steered import Steered
from gerador.settings.texts import Instant, Rows

STREAMS_MAX: Final = 64
FIELDS_MAX: Final = 1_000
PARTITIONS_MAX: Final = 1_000
TOPIC: Final = r"^[a-zA-Z0-9._-]{1,249}$"
STREAM: Final = r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$"

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def read_topic(value: Any) -> Any:
    """Read a topic's name alone as a mapping. Raises ValueError: neither."""
    if not isinstance(value, str | dict | TopicFile):
        raise ValueError(f"{value!r} is no topic; give its name, or a mapping")  # noqa: TRY004
    return {"name": value} if isinstance(value, str) else value


def _no_folder(name: str) -> str:
    if name in (".", ".."):
        raise ValueError(f"{name!r} is no topic's name: it would be a folder; give another")
    return name


def _rate(value: Any) -> Any:
    if isinstance(value, dict):
        raise ValueError("the rate of a scenario is 500/s or max; shapes are for a stream's own")  # noqa: TRY004
    return {"constant": value}


Rate = Annotated[
    Constant,
    BeforeValidator(_rate),
    written(r"^(max|\d+(\.\d+)?[kM]?(/s)?)$", "Rows per second, or max."),
]
"""A constant rate, written alone."""


class TopicFile(BaseModel):
    """The Kafka topic of a stream, and how it is created where it is missing."""

    model_config = _STRICT

    name: Annotated[str, Field(pattern=TOPIC), AfterValidator(_no_folder)] | None = None
    """Its name; the stream's when not said."""
    key: str | None = None
    """The field whose value is the record key; records have none when not said."""
    partitions: Annotated[int, Field(ge=1, le=PARTITIONS_MAX)] | None = None
    """Partitions of a topic that is created (4 when not said); the least of one that exists."""
    replication_factor: Annotated[int, Field(ge=1, le=32_767)] | None = None
    """Replicas of a topic that is created; the broker's default when not said."""
    config: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Configuration of a topic that is created: cleanup.policy, retention.ms, …"""


class StreamFile(Output):
    """A stream: an infinite table of rows, or a bounded one, feeding one topic."""

    model_config = _STRICT

    doc: str | None = None
    """What a row is; it goes into the derived schema."""
    topic: Annotated[TopicFile, BeforeValidator(read_topic)] = TopicFile()
    """The topic: a name, or a mapping."""
    rows: Annotated[Rows, Strict(False), Field(ge=1, le=2**53 - 1)] | None = None
    """Rows in all (5000, 10k, 1M); endless when not said."""
    avro_schema: str | None = Field(None, alias="schema", min_length=1)
    """An Avro schema: a file's path beside this one, or registry:SUBJECT[:VERSION]."""
    let: Annotated[dict[str, Value], Field(max_length=FIELDS_MAX)] = Field(default_factory=dict)
    """Values that other fields are made of, and that are not sent."""
    fields: Annotated[dict[str, Value], Field(max_length=FIELDS_MAX)] = Field(default_factory=dict)
    """How values are chosen, by field."""
    rate: Course | None = None
    """How fast rows fall due: 500/s, max, or a shape; a generation every second when not said."""
    at: At = Field(default_factory=dict)
    """Changes by their time from the start on."""
    steered: Annotated[tuple[Steered, ...], Strict(False), Field(max_length=10_000)] = ()
    """What live steering did, as GET /recipe writes it."""
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """Its share of the scenario's rate; as fast as possible, streams keep this proportion."""
    generation: Annotated[int, Field(ge=1, le=1_000_000)] = GENERATION_ROWS
    """Rows that share a generation, and that GET /dados shows."""


class Scenario(BaseModel):
    """A scenario: streams that belong together."""

    model_config = _STRICT

    description: str | None = None
    """What it is good for."""
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None
    """Decides every value; chosen and shown when not said."""
    start: Annotated[Instant, Strict(False)] | None = None
    """Event time of row 0 (ISO 8601, UTC where no zone is said); now when not said."""
    speed: Speed = 1.0
    """How fast stream time runs until it has caught up with the clock: 60x, max."""
    rate: Rate | None = None
    """Rows per second of all streams together, or max, shared out by their `weight`."""
    streams: Annotated[
        dict[Annotated[str, Field(pattern=STREAM)], StreamFile],
        Field(min_length=1, max_length=STREAMS_MAX),
    ]
    """The streams by name; the first is the default of GET /dados."""
