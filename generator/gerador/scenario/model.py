"""The pydantic model of a scenario file: scenario, streams, topics."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from gerador.limits import GENERATION_ROWS, ROW_INDEX_MAX, SEED_MAX
from gerador.scenario.nested_values import Value
from gerador.scenario.output import Output
from gerador.schedule.profiles import Constant, LoadProfile
from gerador.schedule.scripted_changes import RecordedChange, Script
from gerador.schedule.unit_types import RATE_SCHEMA_PATTERN, Speed, text_or_number_schema
from gerador.settings.value_types import RowCount, Timestamp

STREAMS_MAX: Final = 256
FIELDS_MAX: Final = 1_000
PARTITIONS_MAX: Final = 1_000
TOPIC_PATTERN: Final = r"^[a-zA-Z0-9._-]{1,249}$"
STREAM_NAME_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$"

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def read_schema_paths(value: Any) -> Any:
    """Return a list of paths as one text, with commas between; other values unchanged."""
    if isinstance(value, list) and value and all(isinstance(path, str) for path in value):
        return ", ".join(value)
    return value


def read_topic(value: Any) -> Any:
    """Read a topic name as a mapping. Raises ValueError: neither a name nor a mapping."""
    if not isinstance(value, str | dict | TopicModel):
        raise ValueError(f"{value!r} is not a topic; expected a name or a mapping")  # noqa: TRY004
    return {"name": value} if isinstance(value, str) else value


def _reject_folder_name(name: str) -> str:
    if name in (".", ".."):
        raise ValueError(f"{name!r} is not a topic name; Kafka reserves '.' and '..'")
    return name


def _read_scenario_rate(value: Any) -> Any:
    if isinstance(value, dict):
        raise ValueError(  # noqa: TRY004
            "the total rate cannot be a load profile; use, for example, 500/s or max here, "
            "or set the profile on a stream"
        )
    return {"constant": value}


ScenarioRate = Annotated[
    Constant,
    BeforeValidator(_read_scenario_rate),
    text_or_number_schema(f"^(max|{RATE_SCHEMA_PATTERN})$", "A rate, or max."),
]
"""A constant rate in its short form."""


class TopicModel(BaseModel):
    """The Kafka topic of a stream, and its settings when it is created."""

    model_config = _STRICT

    name: (
        Annotated[str, Field(pattern=TOPIC_PATTERN), AfterValidator(_reject_folder_name)] | None
    ) = None
    """Topic name; default: the name of the stream."""
    key: str | None = None
    """Field whose value is the record key; default: records without a key."""
    partitions: Annotated[int, Field(ge=1, le=PARTITIONS_MAX)] | None = None
    """Partitions of a new topic, default 4; an existing topic needs at least as many."""
    replication_factor: Annotated[int, Field(ge=1, le=32_767)] | None = None
    """Replication factor of a new topic; default: the broker's."""
    config: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Configuration of a new topic: cleanup.policy, retention.ms, …"""


class StreamModel(Output):
    """A stream: an endless or bounded table of rows that feeds one topic."""

    model_config = _STRICT

    doc: str | None = None
    """Description of a row; the doc of the derived schema."""
    topic: Annotated[TopicModel, BeforeValidator(read_topic)] = TopicModel()
    """The topic: a name, or a mapping."""
    rows: Annotated[RowCount, Strict(False), Field(ge=1, le=ROW_INDEX_MAX)] | None = None
    """Total number of rows (5000, 10k, 1M); default: endless."""
    avro_schema: Annotated[
        Annotated[str, Field(min_length=1), BeforeValidator(read_schema_paths)] | None,
        Field(alias="schema"),
    ] = None
    """An Avro schema: paths relative to this file, or registry:SUBJECT[:VERSION]."""
    locale: Annotated[str, Field(min_length=1)] | None = None
    """Language and country of Faker values; default: that of the scenario."""
    let: Annotated[dict[str, Value], Field(max_length=FIELDS_MAX)] = Field(default_factory=dict)
    """Hidden fields: other fields and headers can use them, and they are not in the value."""
    fields: Annotated[dict[str, Value], Field(max_length=FIELDS_MAX)] = Field(default_factory=dict)
    """Value generators by field."""
    rate: LoadProfile | None = None
    """Target rate: 500/s, max, or a load profile; default: one generation per second."""
    at: Script = Field(default_factory=dict)
    """Scripted changes by time since the start."""
    live_changes: Annotated[
        tuple[RecordedChange, ...], Strict(False), Field(max_length=10_000)
    ] = ()
    """Recorded live changes, as GET /recipe writes them."""
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """Share of the scenario's rate; at an unlimited rate, the proportion between streams."""
    generation_rows: Annotated[int, Field(ge=1, le=1_000_000)] = GENERATION_ROWS
    """Rows of a generation, which share a geracao_id; GET /dados returns the last one."""


class Scenario(BaseModel):
    """A scenario: streams that run together."""

    model_config = _STRICT

    description: str | None = None
    """Description of the scenario."""
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None
    """Determines every value; default: a random seed, shown at the start."""
    start: Annotated[Timestamp, Strict(False)] | None = None
    """Event time of row 0 (ISO 8601, UTC by default); default: current time."""
    backfill_speed: Speed = 1.0
    """Speed of stream time from a start in the past to the current time: 60x, max."""
    locale: Annotated[str, Field(min_length=1)] | None = None
    """Language and country of Faker values, such as pt_BR; default: en_US."""
    rate: ScenarioRate | None = None
    """Total rows per second of all streams, or max; shared by `weight`."""
    streams: Annotated[
        dict[Annotated[str, Field(pattern=STREAM_NAME_PATTERN)], StreamModel],
        Field(min_length=1, max_length=STREAMS_MAX),
    ]
    """The streams by name; the first is the default of GET /dados."""


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys of a model in a file, its own before those of its bases."""
    fields = {name: f for name, f in model.model_fields.items() if name != "kind"}
    own = [name for name in fields if name in model.__annotations__]
    order = (*own, *(name for name in fields if name not in own))
    return [fields[name].alias or name for name in order]
