"""All settings: name, environment variable, option, default, range and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gerador.limits import GENERATION_ROWS, INTERVAL_S, INTERVAL_S_MAX, SEED_MAX
from gerador.settings.value_types import (
    PORT_MAX,
    BearerToken,
    Boolean,
    BootstrapServers,
    Duration,
    KeyValues,
    Rate,
    ReplicationFactor,
    RowCount,
    Timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


BUFFER_ROWS_MAX: Final = 1_000_000
"""Rows that a generation, and so `/dados`, may have."""
ROWS_MAX: Final = 2**53 - 1
"""Rows of a run: the largest integer that JSON readers keep exact (RFC 8259, section 6)."""
RUN_FOR_S_MAX: Final = 31_536_000.0
"""Longest bounded run: a year."""
PARTITIONS_MAX: Final = 1_000
_SERVER: Final = r"(?:[^\s,:\[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}"


def _setting(env: str, doc: str, default: Any = None, **limits: Any) -> Any:
    return Field(default, description=doc, json_schema_extra={"env": env}, **limits)


class Settings(BaseModel):
    """Every setting, with its environment variable, its default and its range."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    scenario: str | None = _setting(
        "GERADOR_SCENARIO",
        "A scenario file, or the name of one of the gallery (gerador scenario list).",
        min_length=1,
    )
    tamanho_buffer: int = _setting(
        "TAMANHO_BUFFER", "Rows per generation.", GENERATION_ROWS, ge=1, le=BUFFER_ROWS_MAX
    )
    intervalo_geracao: Duration = _setting(
        "INTERVALO_GERACAO",
        "Seconds between generations; 0 is as fast as possible.",
        INTERVAL_S,
        ge=0,
        le=float(INTERVAL_S_MAX),
        allow_inf_nan=False,
    )
    rate: Rate | None = _setting(
        "GERADOR_RATE", "Rows per second (500, 10k, 1.5M, max) instead of generations."
    )
    rows: RowCount | None = _setting(
        "GERADOR_ROWS", "Stop after this many rows (5000, 10k, 1M).", ge=1, le=ROWS_MAX
    )
    run_for: Duration | None = _setting(
        "GERADOR_FOR", "Stop so long (30s, 5m) after the first row was due.", gt=0, le=RUN_FOR_S_MAX
    )
    seed: int | None = _setting(
        "GERADOR_SEED", "Seed of the rows; chosen and shown when absent.", ge=0, le=SEED_MAX
    )
    start: Timestamp | None = _setting(
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

    bootstrap_servers: BootstrapServers = _setting(
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
    replication_factor: ReplicationFactor = _setting(
        "KAFKA_TOPIC_REPLICATION_FACTOR",
        "Replicas of a topic that is created; -1 is the broker's default.",
        -1,
        ge=-1,
        le=32_767,
    )
    topic_config: KeyValues = _setting(
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
    api_token: BearerToken | None = _setting(
        "GERADOR_API_TOKEN", "Bearer token that the verbs which change something ask for."
    )
    insecure: Boolean = _setting(
        "GERADOR_INSECURE",
        "Serve the verbs on a host other than loopback without a token.",
        default=False,
    )
    page: Boolean = _setting(
        "GERADOR_PAGE",
        "Serve the page at / to browsers, where its extra is installed.",
        default=True,
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "GERADOR_LOG_LEVEL", "Least level that is logged.", "info"
    )


_OPTION_NAMES: Final = {"run_for": "for", "schema_file": "schema"}
"""Options that are shorter than their setting, whose name Python keeps for itself or others."""

SECRETS: Final = frozenset(
    name for name, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)
)
"""Settings that are never shown, and that no command line holds."""


def env_of(field: str) -> str:
    """Return the environment variable of a setting."""
    extra = Settings.model_fields[field].json_schema_extra
    assert isinstance(extra, dict)  # noqa: S101 - the model writes it
    return str(extra["env"])


def option_of(field: str) -> str:
    """Return the command-line option of a setting."""
    return "--" + _OPTION_NAMES.get(field, field).replace("_", "-")


ENVIRONMENT: Final[Mapping[str, str]] = {env_of(f): f for f in Settings.model_fields}
"""Environment variable -> setting, for all of them."""
