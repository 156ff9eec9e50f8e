"""All settings: name, environment variable, option, default, range and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr

from gerador.limits import (
    GENERATION_ROWS,
    INTERVAL_S,
    INTERVAL_S_MAX,
    PORT_MAX,
    SCALE_MAX,
    SCALE_MIN,
    SEED_MAX,
)
from gerador.settings.value_types import (
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
"""Maximum rows of a generation, and of an answer of `/dados`."""
ROWS_MAX: Final = 2**53 - 1
"""Maximum rows of a run: the largest integer that JSON readers keep exact (RFC 8259, section 6)."""
DURATION_S_MAX: Final = 31_536_000.0
"""Longest bounded run: a year."""
PARTITIONS_MAX: Final = 1_000
_SERVER: Final = r"(?:[^\s,:\[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}"


def _setting(env: str, doc: str, default: Any = None, **limits: Any) -> Any:
    return Field(default, description=doc, json_schema_extra={"env": env}, **limits)


class Settings(BaseModel):
    """Every setting with its environment variable, default and range."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    _given: dict[str, str] = PrivateAttr(default_factory=dict)

    def given(self, field: str) -> str:
        """Return the option or variable that set a field, with its value: ``--rate=500``."""
        return self._given.get(field, env_of(field))

    def with_given(self, given: dict[str, str]) -> Self:
        """Return the settings with the texts of `given`, by field."""
        settings = self.model_copy()
        settings._given = given  # noqa: SLF001 - a copy of this object
        return settings

    scenario: str | None = _setting(
        "GERADOR_SCENARIO",
        "Scenario file, or name of a scenario of the gallery (see `gerador scenario list`).",
        min_length=1,
    )
    buffer_size: int = _setting(
        "TAMANHO_BUFFER", "Rows per generation.", GENERATION_ROWS, ge=1, le=BUFFER_ROWS_MAX
    )
    interval_s: Duration = _setting(
        "INTERVALO_GERACAO",
        "Seconds between generations; 0 means as fast as possible.",
        INTERVAL_S,
        ge=0,
        le=float(INTERVAL_S_MAX),
        allow_inf_nan=False,
    )
    rate: Rate | None = _setting(
        "GERADOR_RATE",
        "Target rate in rows per second (500, 10k, 3000/min, 50/h, max); replaces generations.",
    )
    scale: float | None = _setting(
        "GERADOR_SCALE",
        "Factor for all rates of the scenario (0.1, 10).",
        ge=SCALE_MIN,
        le=SCALE_MAX,
        allow_inf_nan=False,
    )
    rows: RowCount | None = _setting(
        "GERADOR_ROWS", "Stop after this many rows (5000, 10k, 1M).", ge=1, le=ROWS_MAX
    )
    duration_s: Duration | None = _setting(
        "GERADOR_FOR",
        "Stop this long (30s, 5m) after the first row is due.",
        gt=0,
        le=DURATION_S_MAX,
    )
    seed: int | None = _setting(
        "GERADOR_SEED", "Seed of the rows; random if unset.", ge=0, le=SEED_MAX
    )
    start: Timestamp | None = _setting(
        "GERADOR_START", "Event time of row 0 (ISO 8601); current time if unset."
    )
    locale: str | None = _setting(
        "GERADOR_LOCALE",
        "Language and country of Faker values (pt_BR, en_US); the scenario's if unset.",
        min_length=1,
    )
    schema_file: str | None = _setting(
        "GERADOR_SCHEMA",
        "Avro schema of the rows: .avsc or .avpr files, or a folder; the built-in stream if unset.",
        min_length=1,
    )

    topic: str | None = _setting(
        "GERADOR_TOPIC",
        "Topic to produce to; the name of the stream if unset.",
        pattern=r"^[a-zA-Z0-9._-]{1,249}$",
    )
    key: str | None = _setting(
        "GERADOR_KEY", "Field whose value is the record key; no key if unset.", min_length=1
    )
    framing: Literal["confluent", "raw"] = _setting(
        "GERADOR_FRAMING",
        "Value framing: confluent (magic byte, schema id, Avro datum) or raw (Avro datum).",
        "confluent",
    )

    embedded: Boolean = _setting(
        "GERADOR_EMBEDDED", "Start a local Apache Kafka and produce to it.", default=False
    )
    no_kafka: Boolean = _setting(
        "GERADOR_NO_KAFKA", "Keep rows in memory, without Kafka.", default=False
    )
    data_dir: str = _setting(
        "GERADOR_DATA_DIR",
        "Directory of the local Kafka's data, and of the stored schemas of runs.",
        ".gerador",
    )
    cache_dir: str | None = _setting(
        "GERADOR_CACHE_DIR",
        "Directory of the downloaded jars of the local Kafka; the user's cache if unset.",
    )

    bootstrap_servers: BootstrapServers = _setting(
        "KAFKA_BOOTSTRAP_SERVERS",
        "Brokers to connect to, host:port[,host:port].",
        "localhost:9092",
        pattern=rf"^{_SERVER}(,{_SERVER})*$",
    )
    client_id: str = _setting("KAFKA_CLIENT_ID", "Client id sent to the brokers.", "gerador")
    partitions: int | None = _setting(
        "KAFKA_TOPIC_PARTITIONS",
        "Partitions of a new topic (4 if unset); minimum of an existing one.",
        ge=1,
        le=PARTITIONS_MAX,
    )
    replication_factor: ReplicationFactor = _setting(
        "KAFKA_TOPIC_REPLICATION_FACTOR",
        "Replication factor of a new topic; -1 is the default of the broker.",
        -1,
        ge=-1,
        le=32_767,
    )
    topic_config: KeyValues = _setting(
        "KAFKA_TOPIC_CONFIG",
        "Configuration of a new topic (retention.ms=-1,cleanup.policy=delete).",
        {},
    )
    compression_type: Literal["none", "gzip", "snappy", "lz4", "zstd"] = _setting(
        "KAFKA_COMPRESSION_TYPE", "Compression codec of record batches.", "none"
    )
    batch_size: int = _setting(
        "KAFKA_BATCH_SIZE",
        "Largest record batch in bytes, before compression.",
        512 * 1024,
        ge=1024,
        le=16 * 1024 * 1024,
    )
    linger_ms: int = _setting(
        "KAFKA_LINGER_MS",
        "Milliseconds to wait for more rows before a batch is sent; in a run with more streams, at "
        "least 2 for each.",
        10,
        ge=0,
        le=10_000,
    )
    request_timeout_ms: int = _setting(
        "KAFKA_REQUEST_TIMEOUT_MS",
        "Milliseconds to wait for the response of a broker.",
        30_000,
        ge=1000,
        le=600_000,
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = _setting(
        "KAFKA_SECURITY_PROTOCOL", "Protocol to connect to the brokers.", "PLAINTEXT"
    )
    sasl_mechanism: Literal[
        "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM"
    ] = _setting("KAFKA_SASL_MECHANISM", "SASL mechanism.", "PLAIN")
    sasl_username: str | None = _setting("KAFKA_SASL_USERNAME", "SASL user name (PLAIN, SCRAM).")
    sasl_password: SecretStr | None = _setting(
        "KAFKA_SASL_PASSWORD", "SASL password (PLAIN, SCRAM)."
    )
    sasl_oauthbearer_token_endpoint_url: str | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL",
        "OAuth 2.0 token endpoint (OAUTHBEARER).",
        pattern=r"^https?://\S+$",
        repr=False,  # it may hold a password
    )
    sasl_oauthbearer_client_id: str | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_CLIENT_ID", "OAuth 2.0 client id (OAUTHBEARER)."
    )
    sasl_oauthbearer_client_secret: SecretStr | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET", "OAuth 2.0 client secret (OAUTHBEARER)."
    )
    sasl_oauthbearer_scope: str | None = _setting(
        "KAFKA_SASL_OAUTHBEARER_SCOPE", "OAuth 2.0 scope (OAUTHBEARER)."
    )
    sasl_aws_region: str | None = _setting(
        "KAFKA_SASL_AWS_REGION",
        "AWS region of the brokers (AWS_MSK_IAM); the one in their names if unset.",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d+$",
    )
    ssl_cafile: str | None = _setting(
        "KAFKA_SSL_CAFILE", "Trusted CA certificates (PEM); those of the system if unset."
    )
    ssl_certfile: str | None = _setting("KAFKA_SSL_CERTFILE", "Client certificate (PEM).")
    ssl_keyfile: str | None = _setting(
        "KAFKA_SSL_KEYFILE", "Private key of the client certificate (PEM)."
    )
    ssl_password: SecretStr | None = _setting("KAFKA_SSL_PASSWORD", "Password of the private key.")

    schema_registry_url: str | None = _setting(
        "SCHEMA_REGISTRY_URL",
        "Confluent-compatible Schema Registry; the one of the API if unset.",
        pattern=r"^https?://\S+$",
        repr=False,  # it may hold a password
    )
    schema_registry_user_info: SecretStr | None = _setting(
        "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO",
        "Credentials for the Schema Registry, user:password.",
    )

    host: str = _setting("GERADOR_HOST", "Address the API listens on.", "127.0.0.1")
    port: int = _setting(
        "GERADOR_PORT", "Port the API listens on; 0 selects a free port.", 8000, ge=0, le=PORT_MAX
    )
    api_token: BearerToken | None = _setting(
        "GERADOR_API_TOKEN", "Bearer token required to change a stream."
    )
    insecure: Boolean = _setting(
        "GERADOR_INSECURE",
        "Allow changes without a token on hosts other than loopback.",
        default=False,
    )
    page: Boolean = _setting(
        "GERADOR_PAGE",
        "Serve the web page at /, if the extra `page` is installed.",
        default=True,
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "GERADOR_LOG_LEVEL", "Minimum level of log messages.", "info"
    )


_OPTION_NAMES: Final = {"interval_s": "interval", "duration_s": "for", "schema_file": "schema"}
"""Options whose name differs from their field."""

SECRETS: Final = frozenset(
    name for name, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)
)
"""Settings that are never shown and have no option."""


def env_of(field: str) -> str:
    """Return the environment variable of a setting."""
    extra = Settings.model_fields[field].json_schema_extra
    assert isinstance(extra, dict)  # noqa: S101 - set by `_setting`
    return str(extra["env"])


def option_of(field: str) -> str:
    """Return the command-line option of a setting."""
    return "--" + _OPTION_NAMES.get(field, field).replace("_", "-")


ENVIRONMENT: Final[Mapping[str, str]] = {env_of(f): f for f in Settings.model_fields}
"""Environment variable to field, for every setting."""
