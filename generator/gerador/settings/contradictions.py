"""Settings that exclude each other, need each other, or would be ignored."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from gerador.errors import SettingError
from gerador.settings.names import env_of
from gerador.settings.refusals import called, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gerador.settings.model import Settings


OF_ONE_STREAM: Final = (
    "tamanho_buffer", "intervalo_geracao", "schema_file", "topic", "key", "framing",
)  # fmt: skip
"""Settings that a scenario has a word of its own for, in every stream."""


def refuse_contradictions(
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
    _refuse_beside_scenario(settings, given.keys() | chosen.keys(), chosen)
    _refuse_open_verbs(settings, called("host", chosen))
    _refuse_unused_security(settings, given.keys() | chosen.keys())
    _refuse_missing(settings)


def _refuse_beside_scenario(
    settings: Settings, named: Collection[str], chosen: Mapping[str, Any]
) -> None:
    """Refuse settings of the one stream where a scenario says them for each of its own."""
    for field in OF_ONE_STREAM if settings.scenario is not None else ():
        if field in named:
            raise SettingError(
                f"{called(field, chosen)} is for a single stream; the scenario "
                f"{shown(str(settings.scenario))} says it for each of its own: leave one out"
            )


def _refuse_open_verbs(settings: Settings, host: str) -> None:
    """Refuse to let the whole network steer the streams, unless that is what was asked for."""
    if settings.insecure or settings.api_token is not None or _is_loopback(settings.host):
        return
    raise SettingError(
        f"{host}={shown(settings.host)}: others could steer the streams without a token; "
        f"set {env_of('api_token')}, or {env_of('insecure')}=true if that is meant"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"  # other names may be found anywhere


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


def _refuse_missing(settings: Settings) -> None:
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
