"""The pydantic model of a scenario file: scenario, streams, topics."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from gerador.limits import GENERATION_ROWS, SEED_MAX
from gerador.scenario.nested_values import Value
from gerador.scenario.output import Output
from gerador.schedule.profiles import Constant, LoadProfile
from gerador.schedule.scripted_changes import RecordedChange, Script
from gerador.schedule.unit_types import Speed, text_or_number_schema
from gerador.settings.value_types import RowCount, Timestamp

STREAMS_MAX: Final = 64
FIELDS_MAX: Final = 1_000
PARTITIONS_MAX: Final = 1_000
TOPIC_PATTERN: Final = r"^[a-zA-Z0-9._-]{1,249}$"
STREAM_NAME_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$"

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def read_topic(value: Any) -> Any:
    """Read a topic's name alone as a mapping. Raises ValueError: neither."""
    if not isinstance(value, str | dict | TopicModel):
        raise ValueError(f"{value!r} is no topic; give its name, or a mapping")  # noqa: TRY004
    return {"name": value} if isinstance(value, str) else value


def _reject_folder_name(name: str) -> str:
    if name in (".", ".."):
        raise ValueError(f"{name!r} is no topic's name: it would be a folder; give another")
    return name


def _read_scenario_rate(value: Any) -> Any:
    if isinstance(value, dict):
        raise ValueError("the rate of a scenario is 500/s or max; shapes are for a stream's own")  # noqa: TRY004
    return {"constant": value}


ScenarioRate = Annotated[
    Constant,
    BeforeValidator(_read_scenario_rate),
    text_or_number_schema(r"^(max|\d+(\.\d+)?[kM]?(/s)?)$", "Rows per second, or max."),
]
"""A constant rate, written alone."""


class TopicModel(BaseModel):
    """The Kafka topic of a stream, and how it is created where it is missing."""

    model_config = _STRICT

    name: (
        Annotated[str, Field(pattern=TOPIC_PATTERN), AfterValidator(_reject_folder_name)] | None
    ) = None
    """Its name; the stream's when not said."""
    key: str | None = None
    """The field whose value is the record key; records have none when not said."""
    partitions: Annotated[int, Field(ge=1, le=PARTITIONS_MAX)] | None = None
    """Partitions of a topic that is created (4 when not said); the least of one that exists."""
    replication_factor: Annotated[int, Field(ge=1, le=32_767)] | None = None
    """Replicas of a topic that is created; the broker's default when not said."""
    config: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Configuration of a topic that is created: cleanup.policy, retention.ms, …"""


class StreamModel(Output):
    """A stream: an infinite table of rows, or a bounded one, feeding one topic."""

    model_config = _STRICT

    doc: str | None = None
    """What a row is; it goes into the derived schema."""
    topic: Annotated[TopicModel, BeforeValidator(read_topic)] = TopicModel()
    """The topic: a name, or a mapping."""
    rows: Annotated[RowCount, Strict(False), Field(ge=1, le=2**53 - 1)] | None = None
    """Rows in all (5000, 10k, 1M); endless when not said."""
    avro_schema: str | None = Field(None, alias="schema", min_length=1)
    """An Avro schema: a file's path beside this one, or registry:SUBJECT[:VERSION]."""
    let: Annotated[dict[str, Value], Field(max_length=FIELDS_MAX)] = Field(default_factory=dict)
    """Values that other fields are made of, and that are not sent."""
    fields: Annotated[dict[str, Value], Field(max_length=FIELDS_MAX)] = Field(default_factory=dict)
    """How values are chosen, by field."""
    rate: LoadProfile | None = None
    """How fast rows fall due: 500/s, max, or a shape; a generation every second when not said."""
    at: Script = Field(default_factory=dict)
    """Changes by their time from the start on."""
    steered: Annotated[tuple[RecordedChange, ...], Strict(False), Field(max_length=10_000)] = ()
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
    start: Annotated[Timestamp, Strict(False)] | None = None
    """Event time of row 0 (ISO 8601, UTC where no zone is said); now when not said."""
    speed: Speed = 1.0
    """How fast stream time runs until it has caught up with the clock: 60x, max."""
    rate: ScenarioRate | None = None
    """Rows per second of all streams together, or max, shared out by their `weight`."""
    streams: Annotated[
        dict[Annotated[str, Field(pattern=STREAM_NAME_PATTERN)], StreamModel],
        Field(min_length=1, max_length=STREAMS_MAX),
    ]
    """The streams by name; the first is the default of GET /dados."""


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the words of a model as a file has them, its own before those of its bases."""
    fields = {name: f for name, f in model.model_fields.items() if name != "kind"}
    own = [name for name in fields if name in model.__annotations__]
    order = (*own, *(name for name in fields if name not in own))
    return [fields[name].alias or name for name in order]
