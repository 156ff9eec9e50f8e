"""Loads the settings; rejects unknown variables, invalid values and conflicting settings, each with one error message."""

from __future__ import annotations

from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from gerador.errors import SettingError
from gerador.redaction import redact_credentials
from gerador.settings.model import ENVIRONMENT, SECRETS, Settings, env_of, option_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


OWN_PREFIX: Final = "GERADOR_"
TEST_PREFIX: Final = "GERADOR_TEST_"

_PATTERN_DESCRIPTIONS: Final = {
    "topic": "must be 1 to 249 letters, digits, '.', '_' or '-'",
    "bootstrap_servers": "must be host:port[,host:port]; an IPv6 address in brackets",
    "sasl_oauthbearer_token_endpoint_url": "must be an http:// or https:// address",
    "schema_registry_url": "must be an http:// or https:// address",
}
"""What a text setting must look like, in words."""
_INTEGER_ERRORS: Final = frozenset(
    {"int_parsing", "int_type", "int_from_float", "int_parsing_size"}
)


def reject_unknown_variables(environ: Mapping[str, str]) -> None:
    """Refuse variables that look like ours and are none.

    Raises SettingError: names the variable, and the likely one if there is one.
    """
    for name in sorted(environ):
        ours = name.startswith(OWN_PREFIX) and not name.startswith(TEST_PREFIX)
        if ours and name not in ENVIRONMENT:
            raise SettingError(
                f"{name} is not a setting{_suggestion(name)}; `gerador run --help` lists them all"
            )


def _suggestion(name: str) -> str:
    """Suggest a variable: what they all begin with makes none of them likely."""
    bare = {env.removeprefix(OWN_PREFIX): env for env in ENVIRONMENT}
    near = get_close_matches(name.removeprefix(OWN_PREFIX), bare, n=1)
    return f" (did you mean {bare[near[0]]!r}?)" if near else ""


def invalid_value_error(
    error: ValidationError, given: Mapping[str, Any], chosen: Mapping[str, Any]
) -> SettingError:
    """Return the refusal of the first value that is wrong; `chosen` came by option."""
    first = error.errors()[0]
    field = str(first["loc"][0])
    value = "…" if field in SECRETS else str(chosen.get(field, given.get(field)))
    told = f"{setting_name(field, chosen)}={display_value(value)}"
    return SettingError(f"{told}: {_reason(field, first)}")


def setting_name(field: str, chosen: Mapping[str, Any]) -> str:
    """Return a setting's name as it was given: the option, or else the variable."""
    return option_of(field) if field in chosen else env_of(field)


def display_value(value: str) -> str:
    """Return a value as it may be repeated: in one line, without credentials."""
    text = redact_credentials(value)
    return text if text.isprintable() else " ".join(text.split())


def _reason(field: str, error: Any) -> str:
    """Return what is wrong and what would be right, from one of pydantic's errors."""
    if error["type"] == "string_pattern_mismatch":
        return _PATTERN_DESCRIPTIONS[field]
    text = str(error["msg"]).partition(", unable")[0]
    if error["type"] == "value_error":
        return text.removeprefix("Value error, ")
    if error["type"] == "string_too_short":
        return "is empty; give a value or leave it out"
    if error["type"] in _INTEGER_ERRORS:
        return "must be a whole number"
    return "must be " + text.removeprefix("Input should be ")


SINGLE_STREAM_SETTINGS: Final = (
    "tamanho_buffer", "intervalo_geracao", "schema_file", "topic", "key", "framing",
)  # fmt: skip
"""Settings that a scenario has a word of its own for, in every stream."""


def reject_conflicts(
    settings: Settings, given: Mapping[str, Any], chosen: Mapping[str, Any]
) -> None:
    """Refuse what could not work together; `chosen` came by option, `given` by variable.

    Raises SettingError: one line with the choice there is.
    """
    if settings.topic in {".", ".."}:
        raise SettingError(f"GERADOR_TOPIC={settings.topic}: Kafka refuses this name; give another")
    if settings.no_kafka and settings.embedded:
        raise SettingError("--no-kafka and --embedded exclude each other; leave one out")
    if settings.embedded and "bootstrap_servers" in chosen:
        raise SettingError("--embedded and --bootstrap-servers exclude each other; leave one out")
    _reject_with_scenario(settings, given.keys() | chosen.keys(), chosen)
    _reject_open_api(settings, setting_name("host", chosen))
    _reject_unused_security(settings, given.keys() | chosen.keys())
    _reject_missing(settings)


def _reject_with_scenario(
    settings: Settings, named: Collection[str], chosen: Mapping[str, Any]
) -> None:
    """Refuse settings of the one stream where a scenario says them for each of its own."""
    for field in SINGLE_STREAM_SETTINGS if settings.scenario is not None else ():
        if field in named:
            raise SettingError(
                f"{setting_name(field, chosen)} is for a single stream; the scenario "
                f"{display_value(str(settings.scenario))} says it for each of its own: leave one out"
            )


def _reject_open_api(settings: Settings, host: str) -> None:
    """Refuse to let the whole network steer the streams, unless that is what was asked for."""
    if settings.insecure or settings.api_token is not None or _is_loopback(settings.host):
        return
    raise SettingError(
        f"{host}={display_value(settings.host)}: others could steer the streams without a token; "
        f"set {env_of('api_token')}, or {env_of('insecure')}=true if that is meant"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"  # other names may be found anywhere


def _reject_unused_security(settings: Settings, named: Collection[str]) -> None:
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


def _reject_missing(settings: Settings) -> None:
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


def _require(settings: Settings, field: str, wanted_by: str) -> None:
    if getattr(settings, field) is None:
        raise SettingError(f"{env_of(field)} is missing; {wanted_by} needs it")


def load_settings(environ: Mapping[str, str], **options: Any) -> Settings:
    """Return the settings that `options` (not None) over `environ` over the defaults give.

    An empty environment variable counts as absent, as compose files write it.

    Raises SettingError: a value out of type or range, an unknown ``GERADOR_*`` variable, or two
    settings that exclude each other. The message names the variable or the option, and the value.
    """
    reject_unknown_variables(environ)
    given = {f: environ[env] for env, f in ENVIRONMENT.items() if environ.get(env)}
    chosen = {f: v for f, v in options.items() if v is not None}
    try:
        settings = Settings.model_validate(given | chosen)
    except ValidationError as e:
        raise invalid_value_error(e, given, chosen) from None
    reject_conflicts(settings, given, chosen)
    return settings
