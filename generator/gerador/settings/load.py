"""Loads the settings and rejects unknown variables, invalid values and conflicting settings."""

from __future__ import annotations

import re
from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.errors import SettingError
from gerador.redaction import redact_credentials
from gerador.settings.kubernetes_services import OWN_PREFIX, service_variables
from gerador.settings.model import ENVIRONMENT, SECRETS, Settings, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


TEST_PREFIX: Final = "GERADOR_TEST_"

_PATTERN_DESCRIPTIONS: Final = {
    "topic": "expected 1 to 249 letters, digits, '.', '_' or '-'",
    "bootstrap_servers": "expected host:port[,host:port]; write IPv6 addresses in brackets",
    "sasl_aws_region": "expected an AWS region, for example us-east-1",
    "sasl_oauthbearer_token_endpoint_url": "expected an http:// or https:// URL",
    "schema_registry_url": "expected an http:// or https:// URL",
}
"""Error messages of the settings that are checked with a pattern."""
_MSK_BROKER: Final = re.compile(r"\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com\b")
_INTEGER_ERRORS: Final = frozenset(
    {"int_parsing", "int_type", "int_from_float", "int_parsing_size"}
)


def load_settings(environ: Mapping[str, str], **options: Any) -> Settings:
    """Return the settings from `options`, `environ` and the defaults, in this order of precedence.

    Options that are None and empty variables count as unset; compose files write ``NAME=``.
    Variables that Kubernetes sets for a Service called `gerador` are ignored.

    Raises SettingError: a value of the wrong type or out of range, an unknown ``GERADOR_*``
    variable, or settings that exclude each other. The message names the variable or option and
    the value.
    """
    reject_unknown_variables(environ)
    environ = _without_services(environ)
    by_variable = {f: environ[env] for env, f in ENVIRONMENT.items() if environ.get(env)}
    by_option = {f: v for f, v in options.items() if v is not None}
    try:
        settings = Settings.model_validate(by_variable | by_option)
    except ValidationError as e:
        raise _invalid_value_error(e, by_variable, by_option) from None
    _reject_conflicts(settings, by_variable, by_option)
    given = by_variable | by_option
    return settings.with_given({f: _given_text(f, by_variable, by_option) for f in given})


def reject_unknown_variables(environ: Mapping[str, str]) -> None:
    """Reject unknown variables with the prefix ``GERADOR_``.

    Raises SettingError: names the variable and the closest valid one.
    """
    for name in sorted(_without_services(environ)):
        checked = name.startswith(OWN_PREFIX) and not name.startswith(TEST_PREFIX)
        if checked and name not in ENVIRONMENT:
            raise SettingError(f"unknown variable {name}; {_suggestion(name)}")


def _without_services(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those that Kubernetes sets for a Service."""
    ignored = {n for names in service_variables(environ).values() for n in names}
    return {name: value for name, value in environ.items() if name not in ignored}


def _suggestion(name: str) -> str:
    # Without the prefix, which all variables share and which would make every name close.
    variables = {env.removeprefix(OWN_PREFIX): env for env in ENVIRONMENT}
    close = get_close_matches(name.removeprefix(OWN_PREFIX), variables, n=1)
    if close:
        return f"did you mean {variables[close[0]]}?"
    return "`gerador run --help` lists all variables"


def _invalid_value_error(
    error: ValidationError, by_variable: Mapping[str, Any], by_option: Mapping[str, Any]
) -> SettingError:
    """Return the error for the first invalid value."""
    first = error.errors()[0]
    field = str(first["loc"][0])
    return SettingError(f"{_given_text(field, by_variable, by_option)}: {_reason(field, first)}")


def _given_text(field: str, by_variable: Mapping[str, Any], by_option: Mapping[str, Any]) -> str:
    """Return the option or variable that set a field, with its value: ``--rate=500``."""
    value = "…" if field in SECRETS else str(by_option.get(field, by_variable.get(field)))
    return f"{_setting_name(field, by_option)}={_display_value(value)}"


def _setting_name(field: str, by_option: Mapping[str, Any]) -> str:
    """Return the option or the variable that set a field."""
    return option_of(field) if field in by_option else env_of(field)


def _display_value(value: str) -> str:
    """Return a value for an error message: one line, without credentials."""
    text = redact_credentials(value)
    return text if text.isprintable() else " ".join(text.split())


def _reason(field: str, error: Any) -> str:
    """Return the message for one of pydantic's errors."""
    if error["type"] == "string_pattern_mismatch":
        return _PATTERN_DESCRIPTIONS[field]
    text = str(error["msg"]).partition(", unable")[0]
    if error["type"] == "value_error":
        return text.removeprefix("Value error, ")
    if error["type"] == "string_too_short":
        return "must not be empty"
    if error["type"] in _INTEGER_ERRORS:
        return "must be a whole number"
    return "must be " + text.removeprefix("Input should be ")


SINGLE_STREAM_SETTINGS: Final = (
    "buffer_size", "interval_s", "schema_file", "topic", "key", "framing",
)  # fmt: skip
"""Settings that a scenario sets for each of its streams."""


def _reject_conflicts(
    settings: Settings, by_variable: Mapping[str, Any], by_option: Mapping[str, Any]
) -> None:
    if settings.topic in {".", ".."}:
        name = _setting_name("topic", by_option)
        raise SettingError(f"{name}={settings.topic}: not a valid topic name in Kafka")
    if settings.no_kafka and settings.embedded:
        raise SettingError("--no-kafka and --embedded exclude each other; remove one of them")
    if settings.embedded and "bootstrap_servers" in by_option:
        raise SettingError(
            "--embedded and --bootstrap-servers exclude each other; remove one of them"
        )
    given = by_variable.keys() | by_option.keys()
    _reject_with_scenario(settings, given, by_option)
    _reject_open_api(settings, _setting_name("host", by_option))
    _reject_unused_security(settings, given)
    if settings.sasl_aws_region is not None and settings.sasl_mechanism != "AWS_MSK_IAM":
        raise SettingError(
            f"KAFKA_SASL_MECHANISM={settings.sasl_mechanism} ignores KAFKA_SASL_AWS_REGION; "
            "set it to AWS_MSK_IAM, or remove the region"
        )
    _reject_missing(settings)


def _reject_with_scenario(
    settings: Settings, given: Collection[str], by_option: Mapping[str, Any]
) -> None:
    """Reject settings of the single stream when a scenario sets them for each of its streams."""
    for field in SINGLE_STREAM_SETTINGS if settings.scenario is not None else ():
        if field in given:
            raise SettingError(
                f"{_setting_name(field, by_option)} cannot be combined with the scenario "
                f"{_display_value(str(settings.scenario))}, which sets it for each stream; "
                "remove one of them"
            )


def _reject_open_api(settings: Settings, host: str) -> None:
    """Reject an API that lets other hosts change the streams without a token, unless requested."""
    if settings.insecure or settings.api_token is not None or _is_loopback(settings.host):
        return
    raise SettingError(
        f"{host}={_display_value(settings.host)}: other hosts could change the streams without a "
        f"token; set {env_of('api_token')}, or {env_of('insecure')}=true to allow it"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"  # other names may resolve to any address


def _reject_unused_security(settings: Settings, given: Collection[str]) -> None:
    """Reject security settings without effect: the connection would be less secure than meant."""
    protocol = settings.security_protocol
    if settings.embedded and protocol != "PLAINTEXT":
        raise SettingError(
            f"KAFKA_SECURITY_PROTOCOL={protocol}: the local Kafka of --embedded is PLAINTEXT; "
            "remove one of them"
        )
    uses = {"sasl_": protocol.startswith("SASL"), "ssl_": protocol.endswith("SSL")}
    for prefix, protocols in (("sasl_", "SASL_SSL or SASL_PLAINTEXT"), ("ssl_", "SSL or SASL_SSL")):
        if not uses[prefix] and any(name.startswith(prefix) for name in given):
            raise SettingError(
                f"KAFKA_SECURITY_PROTOCOL={protocol} ignores the KAFKA_{prefix.upper()}* "
                f"settings; set it to {protocols}, or remove them"
            )


def _reject_missing(settings: Settings) -> None:
    if settings.schema_registry_user_info is not None:
        _require(settings, "schema_registry_url", env_of("schema_registry_user_info"))
    if not settings.security_protocol.startswith("SASL"):
        return
    if settings.sasl_mechanism == "OAUTHBEARER":
        _require(settings, "sasl_oauthbearer_token_endpoint_url", "OAUTHBEARER")
        _require(settings, "sasl_oauthbearer_client_id", "OAUTHBEARER")
        _require(settings, "sasl_oauthbearer_client_secret", "OAUTHBEARER")
    elif settings.sasl_mechanism == "AWS_MSK_IAM":
        if aws_region(settings.sasl_aws_region, settings.bootstrap_servers) is None:
            raise SettingError(
                f"{env_of('sasl_aws_region')} is not set; AWS_MSK_IAM requires it, because "
                f"{settings.bootstrap_servers} names no region"
            )
    else:
        _require(settings, "sasl_username", settings.sasl_mechanism)
        _require(settings, "sasl_password", settings.sasl_mechanism)


def aws_region(setting: str | None, bootstrap_servers: str) -> str | None:
    """Return the AWS region of the brokers: the setting, or the one in a broker's name.

    Names: ``b-1.name.abc123.c2.kafka.us-east-1.amazonaws.com``, ``….kafka-serverless.….`` and the
    domains of China. Source: Amazon MSK Developer Guide, "Get the bootstrap brokers".
    """
    if setting is not None:
        return setting
    found = _MSK_BROKER.search(bootstrap_servers)
    return None if found is None else found[1]


def _require(settings: Settings, field: str, required_by: str) -> None:
    if getattr(settings, field) is None:
        raise SettingError(f"{env_of(field)} is not set; {required_by} requires it")
