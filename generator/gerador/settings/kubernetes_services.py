"""Environment variables that Kubernetes sets in every pod for each Service of its namespace.

A Service `gerador`, or `gerador-api`, sets variables with the prefix of the settings, and for
`gerador` also GERADOR_PORT. Source: Kubernetes, "Service", section "Environment variables", and
`pkg/kubelet/envvars/envvars.go`, whose names and values these are.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


OWN_PREFIX: Final = "GERADOR_"
"""Prefix of the settings that are not Kafka's or the registry's."""
_HOST_SUFFIX: Final = "_SERVICE_HOST"
_LINK: Final = re.compile(r"(tcp|udp|sctp)://\S+:\d+", re.ASCII)
_SUFFIX: Final = re.compile(
    r"_SERVICE_(?:HOST|PORT(?:_\w+)?)|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?", re.ASCII
)


def service_variables(environ: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the `GERADOR_` variables that Kubernetes set, by the name of the Service.

    A Service counts only if its address, its port and the link to that port agree, so that a
    misspelt setting is never taken for one: GERADOR_SERVICE_HOST alone is not.
    """
    found = {}
    for name in sorted(environ):
        if name.startswith(OWN_PREFIX) and name.endswith(_HOST_SUFFIX):
            service = name.removesuffix(_HOST_SUFFIX)
            if _is_service(environ, service):
                found[service.lower().replace("_", "-")] = list(_variables(environ, service))
    return found


def _is_service(environ: Mapping[str, str], service: str) -> bool:
    host = environ[service + _HOST_SUFFIX]
    port = environ.get(f"{service}_SERVICE_PORT", "")
    try:
        address = f"[{host}]" if ip_address(host).version == 6 else host
    except ValueError:
        return False
    return any(
        environ.get(f"{service}_PORT_{port}_{protocol.upper()}") == f"{protocol}://{address}:{port}"
        for protocol in ("tcp", "udp", "sctp")
    )


def _variables(environ: Mapping[str, str], service: str) -> Iterator[str]:
    """Yield the variables of a Service; one that the pod overrides is a setting again."""
    for name in sorted(environ):
        suffix = name.removeprefix(service)
        link = suffix == "_PORT" and _LINK.fullmatch(environ[name])
        if name.startswith(service) and (link or _SUFFIX.fullmatch(suffix)):
            yield name


def ignored_variables_notice(environ: Mapping[str, str]) -> str | None:
    """Return one line that names the ignored variables of all Services; None: there are none."""
    services = service_variables(environ)
    if not services:
        return None
    names = {name for names in services.values() for name in names}
    first = min((n for n in names if _LINK.fullmatch(environ[n])), key=lambda n: (len(n), n))
    quoted = ", ".join(f"'{service}'" for service in sorted(services))
    plural = "s" if len(services) > 1 else ""
    return (
        f"ignoring {first}={environ[first]} and {len(names) - 1} other variables that Kubernetes "
        f"sets for the Service{plural} {quoted}; enableServiceLinks: false in the pod omits them"
    )
