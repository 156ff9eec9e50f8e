"""Settings: every one can be given, bad ones are one line, secrets stay secret, none is dead."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from gerador.cli.main import app
from gerador.errors import SettingError
from gerador.limits import INTERVAL_S_MAX, RATE_MAX, RATE_MIN
from gerador.schedule.target_rate import generations_rate, parse_target_rate
from gerador.settings.load import load_settings
from gerador.settings.model import ENVIRONMENT, SECRETS, Settings, env_of, option_of

PACKAGE = Path(__file__).parents[1] / "generator" / "gerador"
FIELDS = list(Settings.model_fields)
SECRET_FIELDS = {
    "sasl_password",
    "sasl_oauthbearer_client_secret",
    "ssl_password",
    "schema_registry_user_info",
    "api_token",
}
PERMITS = {"insecure"}
"""Settings that only permit others: no code outside the settings has a use for them."""


def refusal(environ: dict[str, str], **options: Any) -> str:
    """Return the message that the settings are refused with."""
    with pytest.raises(SettingError) as refused:
        load_settings(environ, **options)
    return str(refused.value)


# -- every setting ---------------------------------------------------------------------------


def help_text() -> str:
    """Return what `gerador run --help` prints, wide enough for every option to be whole."""
    shown = CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "400"}, terminal_width=400)
    assert shown.exit_code == 0
    return shown.output


def test_every_setting_has_a_variable_of_its_own_and_a_sentence():
    """Variables are distinct and shouted; descriptions end like sentences."""
    assert len(ENVIRONMENT) == len(FIELDS)
    for field in FIELDS:
        assert re.fullmatch(r"[A-Z][A-Z_]+", env_of(field))
        assert str(Settings.model_fields[field].description).endswith((".", ")"))


def test_every_setting_has_an_option_whose_help_names_the_variable():
    """`gerador run --help` has a line per setting with option, variable and default."""
    lines = help_text().splitlines()
    (argument,) = [n for n in lines if "[SCENARIO]" in n and "(env GERADOR_SCENARIO)" in n]
    assert "gallery" in argument
    for field in set(FIELDS) - SECRETS - {"scenario"}:
        (line,) = [n for n in lines if re.search(rf"^\W+{option_of(field)}\s", n)]
        assert re.search(rf"\(env {env_of(field)}[,)]", line), field
        default = Settings.model_fields[field].default
        if default not in (None, False, {}):
            assert f"default {default})" in line


def test_secrets_have_no_option_but_are_named():
    """A command line is seen by everyone on the machine: secrets come by variable, as help says."""
    assert SECRETS == SECRET_FIELDS
    shown = help_text()
    for field in SECRETS:
        assert env_of(field) in shown
        assert option_of(field) + " " not in shown


def test_every_setting_is_read_somewhere():
    """A setting that no code reads would be a promise that nobody keeps."""
    code = "\n".join(
        path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.parent.name != "settings"
    )
    dead = {f for f in FIELDS if not re.search(rf"settings\.{f}\b", code)}
    assert dead == PERMITS


def test_only_settings_and_the_composition_roots_read_the_environment():
    """`os.environ` is handed on to who reads settings or a scenario's ${NAME}, and read nowhere."""
    pattern = re.compile(r"os\.(environ|getenv)")
    readers = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if pattern.search(path.read_text("utf-8")) and path.parts[-2] != "embedded"
    }
    roots = {
        "cli/bench_scenario.py",
        "cli/check.py",
        "cli/options.py",
        "cli/run.py",
        "cli/sample.py",
        "cli/sample_wanted.py",
        "table.py",
    }
    assert readers == roots


# -- good values -----------------------------------------------------------------------------


def test_the_defaults_are_those_of_the_contract():
    """Nothing said: a thousand rows a second, in generations, on localhost."""
    settings = load_settings({})
    assert (settings.tamanho_buffer, settings.intervalo_geracao) == (1000, 1.0)
    assert (settings.rate, settings.rows, settings.run_for, settings.seed) == (None,) * 4
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
    """Durations, rates, instants, lists and yes or no are read from their usual spellings."""
    assert getattr(load_settings({name: text}), ENVIRONMENT[name]) == value


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_an_empty_variable_is_absent(name: str):
    """Compose files write `NAME=` for what is not set."""
    assert load_settings({name: ""}) == load_settings({})


def test_an_option_wins_over_the_environment():
    """The command line is nearer than the environment, which is nearer than the default."""
    environ = {"GERADOR_RATE": "5", "GERADOR_PORT": "81", "KAFKA_LINGER_MS": "nonsense"}
    settings = load_settings(environ, rate="7", linger_ms="3", port=None)
    assert (settings.rate, settings.linger_ms, settings.port) == (7.0, 3, 81)


def test_strangers_in_the_environment_are_none_of_our_business():
    """Other programs' variables, and those of the tests, are left alone."""
    environ = {"PATH": "/bin", "KAFKA_HEAP_OPTS": "-Xmx1g", "GERADOR_TEST_BROKER": "redpanda"}
    assert load_settings(environ) == load_settings({})


@pytest.mark.parametrize("rate", [str(RATE_MIN), "999.999", "10k", "10M/s", str(RATE_MAX), "max"])
def test_a_rate_of_the_settings_is_one_of_the_schedule(rate: str):
    """What the variable takes, the schedule makes the same pace of, by text and by value."""
    asked = load_settings({"GERADOR_RATE": rate}).rate
    assert asked is not None
    assert parse_target_rate(asked) == parse_target_rate(rate)


def test_the_longest_interval_of_the_settings_is_one_of_the_schedule():
    """A day between generations is a day for both."""
    interval_s = load_settings({"INTERVALO_GERACAO": "1d"}).intervalo_geracao
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
def test_an_api_that_is_not_open_to_all(environ: dict[str, str]):
    """On loopback, with a token, or by an express wish, the API is served."""
    assert load_settings(environ)


# -- bad values ------------------------------------------------------------------------------

DURATION = "a duration looks like 30s, 5m, 1h or 500ms"
RATE = "a rate looks like 500, 10k, 1.5M or max, in rows per second"
RATES = "must be 0.001 to 10000000 rows per second, or max"
SERVERS = "must be host:port[,host:port]; an IPv6 address in brackets"
LIST = "a list looks like retention.ms=-1,cleanup.policy=delete"
ADDRESS = "must be an http:// or https:// address"
CODECS = "must be 'none', 'gzip', 'snappy', 'lz4' or 'zstd'"
INSTANT = "an instant looks like 2026-01-01T00:00:00Z"
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
    ("GERADOR_FOR", "9" * 400, "is longer than a year; give at most 365d"),
    ("GERADOR_SEED", "-1", "must be greater than or equal to 0"),
    ("GERADOR_SEED", str(2**63), f"must be less than or equal to {2**63 - 1}"),
    ("GERADOR_START", "tomorrow", INSTANT),
    ("GERADOR_START", "2026-02-30", INSTANT),
    ("GERADOR_START", "1969-12-31", "must be an instant from 1970 to 2261"),
    ("GERADOR_START", "2262-01-01", "must be an instant from 1970 to 2261"),
    ("GERADOR_TOPIC", "a b", "must be 1 to 249 letters, digits, '.', '_' or '-'"),
    ("GERADOR_FRAMING", "json", "must be 'confluent' or 'raw'"),
    ("GERADOR_EMBEDDED", "maybe", "say true or false"),
    ("KAFKA_BOOTSTRAP_SERVERS", "localhost", SERVERS),
    ("KAFKA_BOOTSTRAP_SERVERS", "a:1,b", SERVERS),
    ("KAFKA_BOOTSTRAP_SERVERS", "::1:9092", SERVERS),
    ("KAFKA_BOOTSTRAP_SERVERS", "a:1,b:70000", "b:70000 has no port from 1 to 65535"),
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
        "must be 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512' or 'OAUTHBEARER'",
    ),
    ("KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "issuer", ADDRESS),
    ("SCHEMA_REGISTRY_URL", "registry:8081", ADDRESS),
    ("GERADOR_PORT", "65536", "must be less than or equal to 65535"),
    ("GERADOR_PORT", "http", "must be a whole number"),
    ("GERADOR_INSECURE", "maybe", "say true or false"),
    ("GERADOR_LOG_LEVEL", "loud", "must be 'debug', 'info', 'warning' or 'error'"),
]


@pytest.mark.parametrize(("name", "text", "reason"), BAD)
def test_a_bad_value_is_one_line(name: str, text: str, reason: str):
    """The line names the variable, or the option when it came by option, the value, the way out."""
    assert refusal({name: text}) == f"{name}={text}: {reason}"
    field = ENVIRONMENT[name]
    assert refusal({}, **{field: text}) == f"{option_of(field)}={text}: {reason}"


@pytest.mark.parametrize("field", ["schema_file", "key"])
def test_an_empty_option_is_not_an_empty_variable(field: str):
    """An option that is given says something; the empty word is refused."""
    told = refusal({}, **{field: ""})
    assert told == f"{option_of(field)}=: is empty; give a value or leave it out"


LISTED = "; `gerador run --help` lists them all"
UNKNOWN = [
    ("GERADOR_RTE", " (did you mean 'GERADOR_RATE'?)"),
    ("GERADOR_LOGLEVEL", " (did you mean 'GERADOR_LOG_LEVEL'?)"),
    ("GERADOR_TAMANHO_BUFFER", " (did you mean 'TAMANHO_BUFFER'?)"),
    ("GERADOR_KAFKA_BOOTSTRAP_SERVERS", " (did you mean 'KAFKA_BOOTSTRAP_SERVERS'?)"),
    ("GERADOR_XYZZY", ""),
]


@pytest.mark.parametrize(("name", "hint"), UNKNOWN)
def test_an_unknown_variable_of_ours_is_refused(name: str, hint: str):
    """What looks like a setting and is none is refused, with the likely one if there is one."""
    assert refusal({name: "1"}) == f"{name} is not a setting{hint}{LISTED}"


IGNORED = "KAFKA_SECURITY_PROTOCOL=PLAINTEXT ignores the KAFKA_"
NO_SASL = f"{IGNORED}SASL_* settings; set SASL_SSL or SASL_PLAINTEXT, or drop them"
NO_SSL = f"{IGNORED}SSL_* settings; set SSL or SASL_SSL, or drop them"
SASL = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}
OAUTH = SASL | {"KAFKA_SASL_MECHANISM": "OAUTHBEARER"}
TOKENS = OAUTH | {"KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://issuer/token"}
OPEN = (
    "others could steer the streams without a token; "
    "set GERADOR_API_TOKEN, or GERADOR_INSECURE=true if that is meant"
)
USER_INFO = "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"
CONTRADICTIONS = [
    (
        {"GERADOR_EMBEDDED": "1", "GERADOR_NO_KAFKA": "1"},
        "--no-kafka and --embedded exclude each other; leave one out",
    ),
    (
        {"GERADOR_EMBEDDED": "1", "KAFKA_SECURITY_PROTOCOL": "SSL"},
        "KAFKA_SECURITY_PROTOCOL=SSL: the local Kafka of --embedded is PLAINTEXT; leave one out",
    ),
    (SASL, "KAFKA_SASL_USERNAME is missing; PLAIN needs it"),
    (SASL | {"KAFKA_SASL_USERNAME": "a"}, "KAFKA_SASL_PASSWORD is missing; PLAIN needs it"),
    (
        SASL | {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"},
        "KAFKA_SASL_USERNAME is missing; SCRAM-SHA-512 needs it",
    ),
    (OAUTH, "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL is missing; OAUTHBEARER needs it"),
    (TOKENS, "KAFKA_SASL_OAUTHBEARER_CLIENT_ID is missing; OAUTHBEARER needs it"),
    (
        TOKENS | {"KAFKA_SASL_OAUTHBEARER_CLIENT_ID": "a"},
        "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET is missing; OAUTHBEARER needs it",
    ),
    ({"KAFKA_SASL_USERNAME": "a"}, NO_SASL),
    ({"KAFKA_SASL_PASSWORD": "a"}, NO_SASL),
    ({"KAFKA_SASL_OAUTHBEARER_SCOPE": "a"}, NO_SASL),
    ({"KAFKA_SSL_CAFILE": "ca.pem"}, NO_SSL),
    ({"GERADOR_HOST": "0.0.0.0"}, f"GERADOR_HOST=0.0.0.0: {OPEN}"),  # noqa: S104
    ({"GERADOR_HOST": "::"}, f"GERADOR_HOST=::: {OPEN}"),
    ({"GERADOR_HOST": "generator.local"}, f"GERADOR_HOST=generator.local: {OPEN}"),
    ({"GERADOR_TOPIC": ".."}, "GERADOR_TOPIC=..: Kafka refuses this name; give another"),
    ({USER_INFO: "a:b"}, f"SCHEMA_REGISTRY_URL is missing; {USER_INFO} needs it"),
]


@pytest.mark.parametrize(("environ", "told"), CONTRADICTIONS)
def test_settings_that_exclude_each_other(environ: dict[str, str], told: str):
    """What would be ignored, or could never work, is refused with the choice there is."""
    assert refusal(environ) == told


def test_an_open_api_by_option_is_named_by_option():
    """The line names what was given: here the option."""
    told = refusal({}, host="0.0.0.0")  # noqa: S104
    assert told == f"--host=0.0.0.0: {OPEN}"


def test_a_local_kafka_and_another_one_on_one_command_line():
    """The option says another broker, and so does the other option."""
    told = refusal({}, embedded=True, bootstrap_servers="a:1")
    assert told == "--embedded and --bootstrap-servers exclude each other; leave one out"


@given(st.sampled_from(sorted(ENVIRONMENT)), st.text(max_size=40))
def test_no_value_is_more_than_a_refusal(name: str, text: str):
    """Whatever stands in a variable is taken, or refused by name; nothing else is raised."""
    try:
        load_settings({name: text})
    except SettingError as refused:
        assert name in str(refused) or "KAFKA_SECURITY_PROTOCOL" in str(refused)  # noqa: PT017
        assert len(str(refused).splitlines()) == 1  # noqa: PT017


# -- secrets ---------------------------------------------------------------------------------

SECRET = "hunter2"
GIVEN = SASL | {"KAFKA_SASL_USERNAME": "a", "SCHEMA_REGISTRY_URL": f"http://a:{SECRET}@host:8081"}


def test_secrets_do_not_show():
    """Neither repr nor str of the settings has a password, one inside an address included."""
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
    """An address that is refused is shown without user and password."""
    told = refusal({"SCHEMA_REGISTRY_URL": text})
    assert SECRET not in told
    assert "…@host" in told


@pytest.mark.parametrize("token", [f"{SECRET} 2", f"{SECRET}é", f"{SECRET}\n", "="])
def test_a_token_that_no_client_could_send_is_refused_unsaid(token: str):
    """A header has no room for spaces and accents in a token; the line does not repeat it."""
    told = refusal({"GERADOR_API_TOKEN": token})
    assert told == "GERADOR_API_TOKEN=…: a Bearer token is made of letters, digits and -._~+/"


@pytest.mark.parametrize("field", sorted(SECRETS))
def test_a_secret_of_the_wrong_type_is_not_repeated(field: str):
    """Even a secret that is refused stays unsaid."""
    told = refusal({}, **{field: [SECRET]})
    assert SECRET not in told
    assert "…" in told
