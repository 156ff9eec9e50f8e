"""The command that reproduces a run: what it contains, and what it omits."""

from __future__ import annotations

import shlex

import pytest

from gerador.cli.options import command_line
from gerador.settings.load import load_settings

PRIVATE = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_USERNAME": "ana-user",
    "KAFKA_SASL_PASSWORD": "hunter2",
    "KAFKA_SSL_CAFILE": "/keys/ca.pem",
    "KAFKA_SSL_CERTFILE": "/keys/cert.pem",
    "KAFKA_SSL_KEYFILE": "/keys/key.pem",
    "KAFKA_SSL_PASSWORD": "hunter2",
    "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO": "ana-user:hunter2",
}
OAUTH = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "OAUTHBEARER",
    "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://ana-user:hunter2@tokens/t",
    "KAFKA_SASL_OAUTHBEARER_CLIENT_ID": "ana-client",
    "KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET": "hunter2",
    "KAFKA_SASL_OAUTHBEARER_SCOPE": "ana-scope",
}


def words_after_run(environ: dict[str, str]) -> list[str]:
    """Return the options of the command for an environment."""
    words = shlex.split(command_line(load_settings(environ)))
    return words[words.index("run") + 1 :]


@pytest.mark.parametrize("environ", [PRIVATE, OAUTH], ids=["password", "oauth"])
def test_users_and_key_files_are_omitted(environ: dict[str, str]) -> None:
    """Readers of the API see no user, client or key file; everything else is included."""
    words = words_after_run(
        environ | {"GERADOR_SEED": "42", "SCHEMA_REGISTRY_URL": "http://r:8081"}
    )
    assert words == [
        *("--seed", "42", "--security-protocol", "SASL_SSL"),
        *("--schema-registry-url", "http://r:8081"),
    ]


def test_a_registry_url_with_credentials_is_omitted() -> None:
    """Without its credentials the URL would connect as another user."""
    assert words_after_run({"SCHEMA_REGISTRY_URL": "http://ana:hunter2@r:8081"}) == []


def test_the_command_sets_the_same_settings() -> None:
    """Values with quotes or units are parsed to the same values."""
    environ = {
        "GERADOR_RATE": "max",
        "GERADOR_START": "2026-01-01T00:00:00Z",
        "GERADOR_DATA_DIR": "my data//b@c",
        "KAFKA_TOPIC_CONFIG": "retention.ms=-1,cleanup.policy=compact,delete",
    }
    words = words_after_run(environ)
    assert words == [
        *("--rate", "max", "--start", "2026-01-01T00:00:00.000Z", "--data-dir", "my data//b@c"),
        *("--topic-config", "retention.ms=-1,cleanup.policy=compact,delete"),
    ]
