"""Settings: variables and options, one line per error, no secret is shown, every one is used."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gerador.cli.main import program
from gerador.errors import SettingError
from gerador.limits import INTERVAL_S_MAX, RATE_MAX
from gerador.schedule.target_rate import generations_rate, parse_target_rate
from gerador.settings.load import load_settings
from gerador.settings.model import ENVIRONMENT, SECRETS, Settings, env_of, option_of

PACKAGE = Path(__file__).parents[2] / "generator" / "gerador"
FIELDS = list(Settings.model_fields)
SECRET_FIELDS = {
    "sasl_password",
    "sasl_oauthbearer_client_secret",
    "ssl_password",
    "schema_registry_user_info",
    "api_token",
}
PERMITS = {"insecure"}
"""Settings that only allow others: no code outside the settings reads them."""


def error_of(environ: dict[str, str], **options: Any) -> str:
    """Return the error message of invalid settings."""
    with pytest.raises(SettingError) as caught:
        load_settings(environ, **options)
    return str(caught.value)


# -- every setting ---------------------------------------------------------------------------


def help_text() -> str:
    """Return the words of `gerador run --help`, separated by single spaces."""
    shown = CliRunner().invoke(program, ["run", "--help"])
    assert shown.exit_code == 0
    return " ".join(shown.output.split())


def test_every_setting_has_its_own_variable_and_a_sentence():
    """Variables are distinct and in capitals; descriptions end like sentences."""
    assert len(ENVIRONMENT) == len(FIELDS)
    for field in FIELDS:
        assert re.fullmatch(r"[A-Z][A-Z_]+", env_of(field))
        assert str(Settings.model_fields[field].description).endswith((".", ")"))


def test_every_setting_has_an_option_whose_help_names_the_variable():
    """`gerador run --help` shows description, variable and default of every option."""
    shown = help_text()
    assert "Positional arguments: [SCENARIO] Scenario file" in shown
    for field in set(FIELDS) - SECRETS:
        info = Settings.model_fields[field]
        default = info.default
        reference = f"[env: {env_of(field)}]"
        if default not in (None, False, {}):
            text = {"page": "true", "interval_s": "1"}.get(field, default)
            reference = f"[env: {env_of(field)}; default: {text}]"
        assert f"{info.description} {reference}" in shown
        if field != "scenario":
            assert re.search(rf" {option_of(field)} (\S+ )?{re.escape(info.description)}", shown)


def test_secrets_have_no_option_but_are_named():
    """Every user of the machine can read a command line; the help names the variables instead."""
    assert SECRETS == SECRET_FIELDS
    shown = help_text()
    for field in SECRETS:
        assert env_of(field) in shown
        assert option_of(field) + " " not in shown


def test_every_setting_is_read_somewhere():
    """No setting is accepted and then ignored."""
    code = "\n".join(
        path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.parent.name != "settings"
    )
    dead = {f for f in FIELDS if not re.search(rf"settings\.{f}\b", code)}
    assert dead == PERMITS


def test_only_settings_and_the_composition_roots_read_the_environment():
    """They pass `os.environ` to the code that loads settings or expands ${NAME} of a scenario."""
    pattern = re.compile(r"os\.(environ|getenv)")
    readers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if pattern.search(path.read_text("utf-8")) and path.parts[-2] != "embedded"
    }
    roots = {
        "cli/bench_scenario.py",
        "cli/check.py",
        "cli/main.py",
        "cli/options.py",
        "cli/run.py",
        "cli/sample.py",
        "cli/sample_options.py",
        "python_api.py",
    }
    assert readers == roots


# -- good values -----------------------------------------------------------------------------


def test_the_defaults_are_those_of_the_contract():
    """Without settings: a thousand rows per second, in generations, on localhost."""
    settings = load_settings({})
    assert (settings.buffer_size, settings.interval_s) == (1000, 1.0)
    assert (settings.rate, settings.rows, settings.duration_s, settings.seed) == (None,) * 4
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.bootstrap_servers == "localhost:9092"
    assert settings.framing == "confluent"
    assert not settings.embedded
    assert not settings.no_kafka


GOOD = [
    ("INTERVALO_GERACAO", "0", 0.0),
    ("INTERVALO_GERACAO", "0.25", 0.25),
    ("INTERVALO_GERACAO", "500ms", 0.5),
    ("GERADOR_FOR", "30s", 30.0),
    ("GERADOR_FOR", "5m", 300.0),
    ("GERADOR_FOR", "1h", 3600.0),
    ("GERADOR_FOR", "2d", 172_800.0),
    ("GERADOR_RATE", "0.5", 0.5),
    ("GERADOR_RATE", "10k", 10_000.0),
    ("GERADOR_RATE", "1.5M/s", 1_500_000.0),
    ("GERADOR_RATE", "max", math.inf),
    ("GERADOR_SEED", str(2**63 - 1), 2**63 - 1),
    ("GERADOR_START", "2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
    ("GERADOR_START", "2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
    (
        "GERADOR_START",
        "2026-01-01T00:00:00-03:00",
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-3))),
    ),
    ("GERADOR_EMBEDDED", "sim", True),
    ("GERADOR_NO_KAFKA", "não", False),
    ("KAFKA_BOOTSTRAP_SERVERS", "a:1,b.c-d:65535", "a:1,b.c-d:65535"),
    ("KAFKA_BOOTSTRAP_SERVERS", "[::1]:9092", "[::1]:9092"),
    ("KAFKA_TOPIC_CONFIG", "a=1, b=x=y", {"a": "1", "b": "x=y"}),
    ("KAFKA_TOPIC_REPLICATION_FACTOR", "-1", -1),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_values_as_people_write_them(name: str, text: str, value: Any):
    """Durations, rates, timestamps, lists and booleans are parsed from their usual spellings."""
    assert getattr(load_settings({name: text}), ENVIRONMENT[name]) == value


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_an_empty_variable_is_absent(name: str):
    """Compose files write `NAME=` for unset variables."""
    assert load_settings({name: ""}) == load_settings({})


def test_an_option_wins_over_the_environment():
    """Options take precedence over the environment, and the environment over the defaults."""
    environ = {"GERADOR_RATE": "5", "GERADOR_PORT": "81", "KAFKA_LINGER_MS": "nonsense"}
    settings = load_settings(environ, rate="7", linger_ms="3", port=None)
    assert (settings.rate, settings.linger_ms, settings.port) == (7.0, 3, 81)


def test_other_variables_are_ignored():
    """Variables of other programs and of the tests have no effect."""
    environ = {"PATH": "/bin", "KAFKA_HEAP_OPTS": "-Xmx1g", "GERADOR_TEST_BROKER": "redpanda"}
    assert load_settings(environ) == load_settings({})


@pytest.mark.parametrize("rate", ["1/h", "999.999", "10k", "7/min", "10M/s", str(RATE_MAX), "max"])
def test_a_rate_of_the_settings_is_one_of_the_schedule(rate: str):
    """The schedule accepts every rate that the variable accepts, as text and as a number."""
    number = load_settings({"GERADOR_RATE": rate}).rate
    assert number is not None
    assert parse_target_rate(number) == parse_target_rate(rate)


def test_the_longest_interval_of_the_settings_is_one_of_the_schedule():
    """Settings and schedule have the same maximum, one day."""
    interval_s = load_settings({"INTERVALO_GERACAO": "1d"}).interval_s
    assert generations_rate(1, interval_s) == generations_rate(1, INTERVAL_S_MAX)


@pytest.mark.parametrize(
    "environ",
    [
        {"GERADOR_HOST": "127.0.0.2"},
        {"GERADOR_HOST": "::1"},
        {"GERADOR_HOST": "LocalHost"},
        {"GERADOR_HOST": "0.0.0.0", "GERADOR_API_TOKEN": "s3cret.-_~+/=="},  # noqa: S104
        {"GERADOR_HOST": "0.0.0.0", "GERADOR_INSECURE": "true"},  # noqa: S104
        {"GERADOR_API_TOKEN": "s3cret", "GERADOR_INSECURE": "true"},
    ],
)
def test_an_api_that_is_protected_or_explicitly_open(environ: dict[str, str]):
    """The API is served on loopback, with a token, or if explicitly allowed."""
    assert load_settings(environ)


# -- bad values ------------------------------------------------------------------------------

DURATION = "not a duration; expected, for example, 30s, 5m, 1h or 500ms"
RATE = (
    "not a number of rows per second; expected, for example, 500, 10k/s, 3000/min or 50/h, or max"
)
RATES = "outside [1/h, 10000000/s]; use max for as fast as possible"
SERVERS = "expected host:port[,host:port]; write IPv6 addresses in brackets"
LIST = "expected name=value,…, for example retention.ms=-1,cleanup.policy=delete"
URL = "expected an http:// or https:// URL"
CODECS = "must be 'none', 'gzip', 'snappy', 'lz4' or 'zstd'"
TIMESTAMP = "not a timestamp; expected ISO 8601, for example 2026-01-01T00:00:00Z"
BAD = [
    ("TAMANHO_BUFFER", "0", "must be greater than or equal to 1"),
    ("TAMANHO_BUFFER", "-5", "must be greater than or equal to 1"),
    ("TAMANHO_BUFFER", "1000001", "must be less than or equal to 1000000"),
    ("TAMANHO_BUFFER", "many", "must be a whole number"),
    ("TAMANHO_BUFFER", "1.5", "must be a whole number"),
    ("INTERVALO_GERACAO", "-1", DURATION),
    ("INTERVALO_GERACAO", "nan", DURATION),
    ("INTERVALO_GERACAO", "inf", DURATION),
    ("INTERVALO_GERACAO", "soon", DURATION),
    ("INTERVALO_GERACAO", "2d", "must be less than or equal to 86400"),
    ("GERADOR_RATE", "fast", RATE),
    ("GERADOR_RATE", "-1", RATE),
    ("GERADOR_RATE", "0", RATES),
    ("GERADOR_RATE", "11M", RATES),
    ("GERADOR_RATE", "9" * 400, RATES),
    ("GERADOR_ROWS", "0", "must be greater than or equal to 1"),
    ("GERADOR_ROWS", str(2**53), f"must be less than or equal to {2**53 - 1}"),
    ("GERADOR_FOR", "0s", "must be greater than 0"),
    ("GERADOR_FOR", "9" * 400, "longer than a year; the maximum is 365d"),
    ("GERADOR_SEED", "-1", "must be greater than or equal to 0"),
    ("GERADOR_SEED", str(2**63), f"must be less than or equal to {2**63 - 1}"),
    ("GERADOR_START", "tomorrow", TIMESTAMP),
    ("GERADOR_START", "2026-02-30", TIMESTAMP),
    ("GERADOR_START", "1969-12-31", "outside 1970 to 2261"),
    ("GERADOR_START", "2262-01-01", "outside 1970 to 2261"),
    ("GERADOR_TOPIC", "a b", "expected 1 to 249 letters, digits, '.', '_' or '-'"),
    ("GERADOR_FRAMING", "json", "must be 'confluent' or 'raw'"),
    ("GERADOR_EMBEDDED", "maybe", "expected true or false"),
    ("KAFKA_BOOTSTRAP_SERVERS", "localhost", SERVERS),
    ("KAFKA_BOOTSTRAP_SERVERS", "a:1,b", SERVERS),
    ("KAFKA_BOOTSTRAP_SERVERS", "::1:9092", SERVERS),
    ("KAFKA_BOOTSTRAP_SERVERS", "a:1,b:70000", "the port of b:70000 is outside [1, 65535]"),
    ("KAFKA_TOPIC_PARTITIONS", "1001", "must be less than or equal to 1000"),
    (
        "KAFKA_TOPIC_REPLICATION_FACTOR",
        "0",
        "must be 1 or more, or -1 for the broker's default",
    ),
    ("KAFKA_TOPIC_CONFIG", "retention.ms", LIST),
    ("KAFKA_TOPIC_CONFIG", "=1", LIST),
    ("KAFKA_COMPRESSION_TYPE", "GZIP", CODECS),
    ("KAFKA_BATCH_SIZE", "1", "must be greater than or equal to 1024"),
    ("KAFKA_LINGER_MS", "-1", "must be greater than or equal to 0"),
    ("KAFKA_REQUEST_TIMEOUT_MS", "5", "must be greater than or equal to 1000"),
    (
        "KAFKA_SECURITY_PROTOCOL",
        "TLS",
        "must be 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'",
    ),
    (
        "KAFKA_SASL_MECHANISM",
        "GSSAPI",
        "must be 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER' or 'AWS_MSK_IAM'",
    ),
    ("KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "issuer", URL),
    ("SCHEMA_REGISTRY_URL", "registry:8081", URL),
    ("GERADOR_PORT", "65536", "must be less than or equal to 65535"),
    ("GERADOR_PORT", "http", "must be a whole number"),
    ("GERADOR_INSECURE", "maybe", "expected true or false"),
    ("GERADOR_LOG_LEVEL", "loud", "must be 'debug', 'info', 'warning' or 'error'"),
]


@pytest.mark.parametrize(("name", "text", "reason"), BAD)
def test_a_bad_value_is_one_line(name: str, text: str, reason: str):
    """The line names the variable or option, the value, and what is accepted."""
    assert error_of({name: text}) == f"{name}={text}: {reason}"
    field = ENVIRONMENT[name]
    assert error_of({}, **{field: text}) == f"{option_of(field)}={text}: {reason}"


@pytest.mark.parametrize("field", ["schema_file", "key"])
def test_an_empty_option_is_not_an_empty_variable(field: str):
    """An option with an empty value is rejected."""
    message = error_of({}, **{field: ""})
    assert message == f"{option_of(field)}=: must not be empty"


UNKNOWN = [
    ("GERADOR_RTE", "did you mean GERADOR_RATE?"),
    ("GERADOR_LOGLEVEL", "did you mean GERADOR_LOG_LEVEL?"),
    ("GERADOR_TAMANHO_BUFFER", "did you mean TAMANHO_BUFFER?"),
    ("GERADOR_KAFKA_BOOTSTRAP_SERVERS", "did you mean KAFKA_BOOTSTRAP_SERVERS?"),
    ("GERADOR_XYZZY", "`gerador run --help` lists all variables"),
]


@pytest.mark.parametrize(("name", "hint"), UNKNOWN)
def test_an_unknown_variable_is_rejected(name: str, hint: str):
    """An unknown GERADOR_ variable is an error that names the closest valid one."""
    assert error_of({name: "1"}) == f"unknown variable {name}; {hint}"


IGNORED = "KAFKA_SECURITY_PROTOCOL=PLAINTEXT ignores the KAFKA_"
NO_SASL = f"{IGNORED}SASL_* settings; set it to SASL_SSL or SASL_PLAINTEXT, or remove them"
NO_SSL = f"{IGNORED}SSL_* settings; set it to SSL or SASL_SSL, or remove them"
SASL = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}
OAUTH = SASL | {"KAFKA_SASL_MECHANISM": "OAUTHBEARER"}
TOKENS = OAUTH | {"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://issuer/token"}
OPEN = (
    "other hosts could change the streams without a token; "
    "set GERADOR_API_TOKEN, or GERADOR_INSECURE=true to allow it"
)
USER_INFO = "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"
CONFLICTS = [
    (
        {"GERADOR_EMBEDDED": "1", "GERADOR_NO_KAFKA": "1"},
        "--no-kafka and --embedded exclude each other; remove one of them",
    ),
    (
        {"GERADOR_EMBEDDED": "1", "KAFKA_SECURITY_PROTOCOL": "SSL"},
        (
            "KAFKA_SECURITY_PROTOCOL=SSL: the local Kafka of --embedded is PLAINTEXT; "
            "remove one of them"
        ),
    ),
    (SASL, "KAFKA_SASL_USERNAME is not set; PLAIN requires it"),
    (SASL | {"KAFKA_SASL_USERNAME": "a"}, "KAFKA_SASL_PASSWORD is not set; PLAIN requires it"),
    (
        SASL | {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"},
        "KAFKA_SASL_USERNAME is not set; SCRAM-SHA-512 requires it",
    ),
    (OAUTH, "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is not set; OAUTHBEARER requires it"),
    (TOKENS, "KAFKA_SASL_OAUTHBEARER_CLIENT_ID is not set; OAUTHBEARER requires it"),
    (
        TOKENS | {"KAFKA_SASL_OAUTHBEARER_CLIENT_ID": "a"},
        "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET is not set; OAUTHBEARER requires it",
    ),
    ({"KAFKA_SASL_USERNAME": "a"}, NO_SASL),
    ({"KAFKA_SASL_PASSWORD": "a"}, NO_SASL),
    ({"KAFKA_SASL_OAUTHBEARER_SCOPE": "a"}, NO_SASL),
    ({"KAFKA_SSL_CAFILE": "ca.pem"}, NO_SSL),
    ({"GERADOR_HOST": "0.0.0.0"}, f"GERADOR_HOST=0.0.0.0: {OPEN}"),  # noqa: S104
    ({"GERADOR_HOST": "::"}, f"GERADOR_HOST=::: {OPEN}"),
    ({"GERADOR_HOST": "generator.local"}, f"GERADOR_HOST=generator.local: {OPEN}"),
    ({"GERADOR_TOPIC": ".."}, "GERADOR_TOPIC=..: not a valid topic name in Kafka"),
    ({USER_INFO: "a:b"}, f"SCHEMA_REGISTRY_URL is not set; {USER_INFO} requires it"),
]


@pytest.mark.parametrize(("environ", "message"), CONFLICTS)
def test_settings_that_exclude_each_other(environ: dict[str, str], message: str):
    """Settings without effect or that exclude each other are rejected; the message has the fix."""
    assert error_of(environ) == message


def test_an_open_api_by_option_is_named_by_option():
    """The message names the option if the value came from an option."""
    message = error_of({}, host="0.0.0.0")  # noqa: S104
    assert message == f"--host=0.0.0.0: {OPEN}"


def test_a_local_kafka_and_another_one_on_one_command_line():
    """Both options choose the broker."""
    message = error_of({}, embedded=True, bootstrap_servers="a:1")
    assert message == "--embedded and --bootstrap-servers exclude each other; remove one of them"


@given(st.sampled_from(sorted(ENVIRONMENT)), st.text(max_size=40))
def test_any_text_is_accepted_or_a_setting_error(name: str, text: str):
    """Any text is accepted, or rejected with the name of the variable; nothing else is raised."""
    try:
        load_settings({name: text})
    except SettingError as caught:
        assert name in str(caught) or "KAFKA_SECURITY_PROTOCOL" in str(caught)  # noqa: PT017
        assert len(str(caught).splitlines()) == 1  # noqa: PT017


# -- secrets ---------------------------------------------------------------------------------

SECRET = "hunter2"
GIVEN = SASL | {"KAFKA_SASL_USERNAME": "a", "SCHEMA_REGISTRY_URL": f"http://a:{SECRET}@host:8081"}


def test_secrets_do_not_show():
    """Neither repr nor str of the settings contains a password, including those in URLs."""
    secrets = {env_of(f): SECRET for f in SECRETS}
    settings = load_settings(GIVEN | secrets)
    assert settings.sasl_password is not None
    assert settings.sasl_password.get_secret_value() == SECRET
    assert SECRET not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    "text",
    [
        f"ftp://a:{SECRET}@host",
        f"http://a:{SECRET}@host b",
        f"http://a:{SECRET}/{SECRET} {SECRET}@host",
        f"a:{SECRET}@host:8081",
    ],
)
def test_refusals_do_not_repeat_a_password(text: str):
    """The message shows an invalid URL without user and password."""
    message = error_of({"SCHEMA_REGISTRY_URL": text})
    assert SECRET not in message
    assert "…@host" in message


@pytest.mark.parametrize("token", [f"{SECRET} 2", f"{SECRET}é", f"{SECRET}\n", "="])
def test_a_token_that_does_not_fit_a_header_is_rejected_and_not_shown(token: str):
    """Spaces and accents are invalid in a header; the message does not contain the token."""
    message = error_of({"GERADOR_API_TOKEN": token})
    assert message == "GERADOR_API_TOKEN=…: expected letters, digits and -._~+/"


@pytest.mark.parametrize("field", sorted(SECRETS))
def test_a_secret_of_the_wrong_type_is_not_repeated(field: str):
    """An invalid secret is not shown."""
    message = error_of({}, **{field: [SECRET]})
    assert SECRET not in message
    assert "…" in message
