"""What the environment and the command line say, as one frozen object.

The only reader of the process environment. It checks every value by itself (type, range, word);
what needs a second look at the world (does the file exist, does the broker answer) is checked
by whoever opens it. Only the composition roots in `cli/` know this module: everyone else takes
plain keyword arguments.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from generator.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

BUFFER_ROWS_MAX: Final = 1_000_000
"""Rows that a generation, and so `/dados`, may have."""
INTERVAL_S_MAX: Final = 86_400.0
"""Longest pause between generations: a day."""
SEED_MAX: Final = 2**63 - 1
ROWS_MAX: Final = 2**53 - 1
"""Rows of a run: the largest integer that JSON readers keep exact (RFC 8259, section 6)."""
RUN_FOR_S_MAX: Final = 31_536_000.0
"""Longest bounded run: a year."""
START_YEARS: Final = (1970, 2261)
"""Instants are counted in 64-bit nanoseconds since 1970, which end in 2262."""
RATE_MIN: Final = 0.001
RATE_MAX: Final = 10_000_000.0
"""Rows per second that a schedule takes; `max` is as fast as possible."""
PORT_MAX: Final = 65_535
PARTITIONS_MAX: Final = 1_000
OWN_PREFIX: Final = "GERADOR_"
TEST_PREFIX: Final = "GERADOR_TEST_"

_SHAPES: Final = {
    "topic": "must be 1 to 249 letters, digits, '.', '_' or '-'",
    "bootstrap_servers": "must be host:port[,host:port]; an IPv6 address in brackets",
    "sasl_oauthbearer_token_endpoint_url": "must be an http:// or https:// address",
    "schema_registry_url": "must be an http:// or https:// address",
}
"""What a text setting must look like, in words."""

_SERVER: Final = r"(?:[^\s,:\[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}"
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", re.ASCII)
_NO_INTEGER: Final = frozenset({"int_parsing", "int_type", "int_from_float", "int_parsing_size"})
_DURATION_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, None: 1.0}
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)([kM])?(?:/s)?", re.ASCII)
_RATE_UNIT: Final = {"k": 1e3, "M": 1e6, None: 1.0}
_CREDENTIALS: Final = re.compile(r"(?<=//)[^/\s]*@")
"""User and password inside an address."""


def _duration_s(value: Any) -> Any:
    """Read ``30s``, ``2m``, ``500ms`` or bare seconds."""
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError("a duration looks like 30s, 5m, 1h or 500ms")
    return float(match[1]) * _DURATION_S[match[2]]


def _rate(value: Any) -> Any:
    return parse_rate(value) if isinstance(value, str) else value


def _count(value: Any) -> Any:
    """Read ``5000``, ``10k`` or ``1M`` rows."""
    match = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or value.endswith("/s"):
        return value
    rows = float(match[1]) * _RATE_UNIT[match[2]]
    return int(rows) if rows.is_integer() else value


def parse_rate(text: str) -> float:
    """Return rows per second from ``1000``, ``10k``, ``1.5M/s`` or ``max`` (infinity).

    Raises ValueError: another form, or out of range; its text says what is right.
    """
    text = text.strip()
    if text == "max":
        return math.inf
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError("a rate looks like 500, 10k, 1.5M or max, in rows per second")
    rate = round(float(match[1]) * _RATE_UNIT[match[2]], 6)
    if not RATE_MIN <= rate <= RATE_MAX:
        raise ValueError(f"must be {RATE_MIN} to {RATE_MAX:.0f} rows per second, or max")
    return rate


def _instant(value: Any) -> Any:
    """Read an ISO 8601 instant; one without a zone is UTC."""
    if not isinstance(value, str):
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("an instant looks like 2026-01-01T00:00:00Z") from None
    first, last = START_YEARS
    if not first <= instant.year <= last:
        raise ValueError(f"must be an instant from {first} to {last}")
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _pairs(value: Any) -> Any:
    """Read ``name=value,name=value``."""
    if not isinstance(value, str):
        return value
    # A comma that no name and "=" follow belongs to the value: cleanup.policy=compact,delete.
    pairs = [p.partition("=") for p in re.split(r",(?=[^,=]*=)", value) if p.strip()]
    if any(not sep or not name.strip() for name, sep, _ in pairs):
        raise ValueError("a list looks like retention.ms=-1,cleanup.policy=delete")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _boolean(value: Any) -> Any:
    """Read the words that people use for yes and no."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word in {"1", "true", "yes", "on", "sim"}:
        return True
    if word in {"", "0", "false", "no", "off", "nao", "não"}:
        return False
    raise ValueError("say true or false")


def _servers(value: str) -> str:
    """Refuse a port that no address has; the pattern has seen to the rest."""
    for server in value.split(","):
        if not 1 <= int(server.rpartition(":")[2]) <= PORT_MAX:
            raise ValueError(f"{server} has no port from 1 to {PORT_MAX}")
    return value


def _replicas(value: int) -> int:
    """Refuse the one number that is neither a count nor the word for the default."""
    if value == 0:
        raise ValueError("must be 1 or more, or -1 for the broker's default")
    return value


Duration = Annotated[float, BeforeValidator(_duration_s)]
Rate = Annotated[float, BeforeValidator(_rate)]
Rows = Annotated[int, BeforeValidator(_count)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Pairs = Annotated[dict[str, str], BeforeValidator(_pairs)]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Servers = Annotated[str, AfterValidator(_servers)]
Replicas = Annotated[int, AfterValidator(_replicas)]


def _setting(env: str, doc: str, default: Any = None, **limits: Any) -> Any:
    return Field(default, description=doc, json_schema_extra={"env": env}, **limits)


class Settings(BaseModel):
    """Every setting, with its environment variable, its default and its range."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    tamanho_buffer: int = _setting(
        "TAMANHO_BUFFER", "Rows per generation.", 1000, ge=1, le=BUFFER_ROWS_MAX
    )
    intervalo_geracao: Duration = _setting(
        "INTERVALO_GERACAO",
        "Seconds between generations; 0 is as fast as possible.",
        1.0,
        ge=0,
        le=INTERVAL_S_MAX,
        allow_inf_nan=False,
    )
    rate: Rate | None = _setting(
        "GERADOR_RATE", "Rows per second (500, 10k, 1.5M, max) instead of generations."
    )
    rows: Rows | None = _setting(
        "GERADOR_ROWS", "Stop after this many rows (5000, 10k, 1M).", ge=1, le=ROWS_MAX
    )
    run_for: Duration | None = _setting(
        "GERADOR_FOR", "Stop so long (30s, 5m) after the first row was due.", gt=0, le=RUN_FOR_S_MAX
    )
    seed: int | None = _setting(
        "GERADOR_SEED", "Seed of the rows; chosen and shown when absent.", ge=0, le=SEED_MAX
    )
    start: Instant | None = _setting(
        "GERADOR_START", "Event time of row 0 (ISO 8601); now when absent."
    )
    schema_file: str | None = _setting(
        "GERADOR_SCHEMA", "An Avro schema (.avsc) instead of the default stream.", min_length=1
    )

    topic: str | None = _setting(
        "GERADOR_TOPIC",
        "Topic to fill; the stream's name when absent.",
        pattern=r"^[a-zA-Z0-9._-]{1,249}$",
    )
    key: str | None = _setting("GERADOR_KEY", "Field whose value is the record key.", min_length=1)
    framing: Literal["confluent", "raw"] = _setting(
        "GERADOR_FRAMING",
        "confluent (magic byte, schema id, datum) or raw (bare datum).",
        "confluent",
    )

    embedded: Boolean = _setting(
        "GERADOR_EMBEDDED", "Start a local Apache Kafka and use it.", default=False
    )
    no_kafka: Boolean = _setting("GERADOR_NO_KAFKA", "Memory only, no broker.", default=False)
    data_dir: str = _setting(
        "GERADOR_DATA_DIR", "Where the local Kafka keeps its data.", ".gerador"
    )
    cache_dir: str | None = _setting(
        "GERADOR_CACHE_DIR", "Where the local Kafka's jars are kept; the user's cache when absent."
    )

    bootstrap_servers: Servers = _setting(
        "KAFKA_BOOTSTRAP_SERVERS",
        "Brokers, host:port[,host:port].",
        "localhost:9092",
        pattern=rf"^{_SERVER}(,{_SERVER})*$",
    )
    client_id: str = _setting("KAFKA_CLIENT_ID", "Name towards the brokers.", "gerador")
    partitions: int | None = _setting(
        "KAFKA_TOPIC_PARTITIONS",
        "Partitions of a topic that is created (4 when absent); the least of one that exists.",
        ge=1,
        le=PARTITIONS_MAX,
    )
    replication_factor: Replicas = _setting(
        "KAFKA_TOPIC_REPLICATION_FACTOR",
        "Replicas of a topic that is created; -1 is the broker's default.",
        -1,
        ge=-1,
        le=32_767,
    )
    topic_config: Pairs = _setting(
        "KAFKA_TOPIC_CONFIG",
        "Configuration of a topic that is created (retention.ms=-1,cleanup.policy=delete).",
        {},
    )
    compression_type: Literal["none", "gzip", "snappy", "lz4", "zstd"] = _setting(
        "KAFKA_COMPRESSION_TYPE", "Compression of record batches.", "none"
    )
    batch_size: int = _setting(
        "KAFKA_BATCH_SIZE",
        "Largest record batch in bytes, before compression.",
        512 * 1024,
        ge=1024,
        le=16 * 1024 * 1024,
    )
    linger_ms: int = _setting(
        "KAFKA_LINGER_MS", "Wait for more rows before a slice goes out.", 10, ge=0, le=10_000
    )
    request_timeout_ms: int = _setting(
        "KAFKA_REQUEST_TIMEOUT_MS",
        "Longest wait for a broker's answer.",
        30_000,
        ge=1000,
        le=600_000,
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = _setting(
        "KAFKA_SECURITY_PROTOCOL", "How to talk to the brokers.", "PLAINTEXT"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = _setting(
        "KAFKA_SASL_MECHANISM", "How to authenticate with SASL.", "PLAIN"
    )
    sasl_username: str | None = _setting("KAFKA_SASL_USERNAME", "SASL user (PLAIN, SCRAM).")
    sasl_password: SecretStr | None = _setting(
        "KAFKA_SASL_PASSWORD", "SASL password (PLAIN, SCRAM)."
    )
    sasl_oauthbearer_token_endpoint_url: str | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL",
        "Where a token is fetched with client credentials (OAUTHBEARER).",
        pattern=r"^https?://\S+$",
        repr=False,  # it may hold a password
    )
    sasl_oauthbearer_client_id: str | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_CLIENT_ID", "OAuth client (OAUTHBEARER)."
    )
    sasl_oauthbearer_client_secret: SecretStr | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", "OAuth client's secret (OAUTHBEARER)."
    )
    sasl_oauthbearer_scope: str | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_SCOPE", "OAuth scope (OAUTHBEARER)."
    )
    ssl_cafile: str | None = _setting("KAFKA_SSL_CAFILE", "CA certificates that are trusted (PEM).")
    ssl_certfile: str | None = _setting("KAFKA_SSL_CERTFILE", "Client certificate (PEM).")
    ssl_keyfile: str | None = _setting("KAFKA_SSL_KEYFILE", "Client certificate's key (PEM).")
    ssl_password: SecretStr | None = _setting("KAFKA_SSL_PASSWORD", "Password of the client's key.")

    schema_registry_url: str | None = _setting(
        "SCHEMA_REGISTRY_URL",
        "Confluent-compatible Schema Registry; the API's own when absent.",
        pattern=r"^https?://\S+$",
        repr=False,  # it may hold a password
    )
    schema_registry_user_info: SecretStr | None = _setting(
        "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO", "user:password for the Schema Registry."
    )

    host: str = _setting("GERADOR_HOST", "Address that the API listens on.", "127.0.0.1")
    port: int = _setting(
        "GERADOR_PORT", "Port that the API listens on; 0 takes a free one.", 8000, ge=0, le=PORT_MAX
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "GERADOR_LOG_LEVEL", "Least level that is logged.", "info"
    )


SECRETS: Final = frozenset(
    name for name, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)
)
"""Settings that are never shown, and that no command line holds."""


def env_of(field: str) -> str:
    """Return the environment variable of a setting."""
    extra = Settings.model_fields[field].json_schema_extra
    assert isinstance(extra, dict)  # noqa: S101 - `_setting` writes it
    return str(extra["env"])


ENVIRONMENT: Final[Mapping[str, str]] = {env_of(f): f for f in Settings.model_fields}
"""Environment variable -> setting, for all of them."""


def load_settings(environ: Mapping[str, str], **options: Any) -> Settings:
    """Return the settings that `options` (not None) over `environ` over the defaults give.

    An empty environment variable counts as absent, as compose files write it.

    Raises SettingError: a value out of type or range, an unknown ``GERADOR_*`` variable, or two
    settings that exclude each other. The message names the variable or the option, and the value.
    """
    _refuse_unknown(environ)
    given = {f: environ[env] for env, f in ENVIRONMENT.items() if environ.get(env)}
    chosen = {f: v for f, v in options.items() if v is not None}
    try:
        settings = Settings.model_validate(given | chosen)
    except ValidationError as e:
        _refuse(e, given, chosen)
    _refuse_contradictions(settings, given, chosen)
    return settings


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    for name in sorted(environ):
        if name.startswith(OWN_PREFIX) and name not in ENVIRONMENT:
            if name.startswith(TEST_PREFIX):
                continue
            raise SettingError(
                f"{name} is not a setting{_meant(name)}; `gerador run --help` lists them all"
            )


def _meant(name: str) -> str:
    """Suggest a variable: what they all begin with makes none of them likely."""
    bare = {env.removeprefix(OWN_PREFIX): env for env in ENVIRONMENT}
    near = get_close_matches(name.removeprefix(OWN_PREFIX), bare, n=1)
    return f" (did you mean {bare[near[0]]!r}?)" if near else ""


def without_credentials(text: str) -> str:
    """Return a text with the user and password of the addresses in it left out."""
    return _CREDENTIALS.sub("…@", text)


def _refuse(
    error: ValidationError, given: Mapping[str, Any], chosen: Mapping[str, Any]
) -> NoReturn:
    first = error.errors()[0]
    field = str(first["loc"][0])
    value = "…" if field in SECRETS else str(chosen.get(field, given.get(field)))
    name = option_of(field) if field in chosen else env_of(field)
    raise SettingError(f"{name}={without_credentials(value)}: {_reason(field, first)}") from None


def _reason(field: str, error: Any) -> str:
    """Return what is wrong and what would be right, from one of pydantic's errors."""
    if error["type"] == "string_pattern_mismatch":
        return _SHAPES[field]
    text = str(error["msg"]).partition(", unable")[0]
    if error["type"] == "value_error":
        return text.removeprefix("Value error, ")
    if error["type"] == "string_too_short":
        return "is empty; give a value or leave it out"
    if error["type"] in _NO_INTEGER:
        return "must be a whole number"
    return "must be " + text.removeprefix("Input should be ")


def option_of(field: str) -> str:
    """Return the command-line option of a setting."""
    return "--" + {"run_for": "for", "schema_file": "schema"}.get(field, field).replace("_", "-")


def _refuse_contradictions(
    settings: Settings, given: Mapping[str, Any], chosen: Mapping[str, Any]
) -> None:
    if settings.topic in {".", ".."}:
        raise SettingError(f"GERADOR_TOPIC={settings.topic}: Kafka refuses this name; give another")
    if settings.no_kafka and settings.embedded:
        raise SettingError("--no-kafka and --embedded exclude each other; leave one out")
    if settings.embedded and "bootstrap_servers" in chosen:
        raise SettingError("--embedded and --bootstrap-servers exclude each other; leave one out")
    _refuse_unused_security(settings, given.keys() | chosen.keys())
    if settings.schema_registry_user_info is not None:
        _require(settings, "schema_registry_url", env_of("schema_registry_user_info"))
    if not settings.security_protocol.startswith("SASL"):
        return
    if settings.sasl_mechanism == "OAUTHBEARER":
        _require(settings, "sasl_oauthbearer_token_endpoint_url", "OAUTHBEARER")
        _require(settings, "sasl_oauthbearer_client_id", "OAUTHBEARER")
        _require(settings, "sasl_oauthbearer_client_secret", "OAUTHBEARER")
    else:
        _require(settings, "sasl_username", settings.sasl_mechanism)
        _require(settings, "sasl_password", settings.sasl_mechanism)


def _refuse_unused_security(settings: Settings, named: Collection[str]) -> None:
    """Refuse security settings that would be ignored: who names them believes to be secure."""
    protocol = settings.security_protocol
    if settings.embedded and protocol != "PLAINTEXT":
        raise SettingError(
            f"KAFKA_SECURITY_PROTOCOL={protocol}: the local Kafka of --embedded is PLAINTEXT; "
            "leave one out"
        )
    uses = {"sasl_": protocol.startswith("SASL"), "ssl_": protocol.endswith("SSL")}
    for prefix, ways in (("sasl_", "SASL_SSL or SASL_PLAINTEXT"), ("ssl_", "SSL or SASL_SSL")):
        if not uses[prefix] and any(name.startswith(prefix) for name in named):
            raise SettingError(
                f"KAFKA_SECURITY_PROTOCOL={protocol} ignores the KAFKA_{prefix.upper()}* "
                f"settings; set {ways}, or drop them"
            )


def _require(settings: Settings, field: str, wanted_by: str) -> None:
    if getattr(settings, field) is None:
        raise SettingError(f"{env_of(field)} is missing; {wanted_by} needs it")
