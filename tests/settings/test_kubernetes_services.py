"""Variables that Kubernetes sets for a Service called `gerador` are reported and ignored."""

from __future__ import annotations

import pytest

from gerador.errors import SettingError
from gerador.settings.kubernetes_services import ignored_variables_notice, service_variables
from gerador.settings.load import load_settings
from tests.e2e.command import ended


def injected(service: str, host: str = "10.96.7.1", *ports: tuple[str, int, str]) -> dict[str, str]:
    """Return what the kubelet sets for a Service (`pkg/kubelet/envvars`, FromServices)."""
    prefix = service.upper().replace("-", "_")
    ports = ports or (("http", 8000, "tcp"),)
    address = f"[{host}]" if ":" in host else host
    variables = {f"{prefix}_SERVICE_HOST": host, f"{prefix}_SERVICE_PORT": str(ports[0][1])}
    for name, port, protocol in ports:
        link, at = f"{protocol}://{address}:{port}", f"{prefix}_PORT_{port}_{protocol.upper()}"
        variables |= {
            f"{prefix}_SERVICE_PORT_{name.upper().replace('-', '_')}": str(port),
            at: link,
            f"{at}_PROTO": protocol,
            f"{at}_PORT": str(port),
            f"{at}_ADDR": host,
        }
        variables.setdefault(f"{prefix}_PORT", link)
    return variables


SERVICES = [
    injected("gerador"),
    injected("gerador", "fd00::7:1"),
    injected("gerador", "10.0.0.9", ("web-ui", 80, "tcp"), ("metrics", 9090, "udp")),
    injected("gerador-api") | injected("gerador") | injected("kafka"),
    injected("gerador-port"),
]


@pytest.mark.parametrize("environ", SERVICES, ids=min)
def test_variables_of_a_service_are_no_settings(environ: dict[str, str]):
    """Every injected name is recognised, and the settings are the defaults."""
    found = {name for names in service_variables(environ).values() for name in names}
    assert found == {name for name in environ if name.startswith("GERADOR")}
    assert load_settings(environ) == load_settings({})


def test_a_port_that_the_pod_sets_is_a_setting():
    """`env:` of the container takes precedence over what Kubernetes injects."""
    environ = injected("gerador") | {"GERADOR_PORT": "9000"}
    assert load_settings(environ).port == 9000
    assert load_settings(injected("gerador"), port=9000).port == 9000


MISSPELT = [
    {"GERADOR_SERVICE_HOST": "10.0.0.1"},
    {"GERADOR_SERVICE_HOST": "gerador.local", "GERADOR_SERVICE_PORT": "8000"},
    {"GERADOR_SERVICE_HOST": "10.0.0.1", "GERADOR_SERVICE_PORT": "8000"},
    {"GERADOR_PORT_8000_TCP": "tcp://10.0.0.1:8000"},
    injected("gerador") | {"GERADOR_SERVICEHOST": "10.0.0.1"},
    injected("gerador") | {"GERADOR_PORTS": "8000"},
    injected("gerador-api") | {"GERADOR_PORT_8000_TCP": "tcp://10.0.0.1:8000"},
]


@pytest.mark.parametrize("environ", MISSPELT, ids=str)
def test_what_no_service_explains_stays_an_error(environ: dict[str, str]):
    """A name is ignored only if the address, the port and the link of a Service agree."""
    with pytest.raises(SettingError, match="unknown variable GERADOR_"):
        load_settings(environ)


def test_a_port_that_is_a_link_without_a_service_is_an_error():
    """GERADOR_PORT=tcp://… alone is an invalid value."""
    with pytest.raises(SettingError, match=r"GERADOR_PORT=tcp://10.0.0.1:80: must be a whole"):
        load_settings({"GERADOR_PORT": "tcp://10.0.0.1:80"})


def test_the_notice_names_the_services():
    """One line names a variable, the number of others, the Services and the way to omit them."""
    assert ignored_variables_notice({"GERADOR_RATE": "5"}) is None
    assert ignored_variables_notice(injected("gerador") | injected("gerador-api")) == (
        "ignoring GERADOR_PORT=tcp://10.96.7.1:8000 and 15 other variables that Kubernetes "
        "sets for the Services 'gerador', 'gerador-api'; enableServiceLinks: false in the pod "
        "omits them"
    )


def test_commands_start_and_report_it():
    """The notice is written to stderr; the command works."""
    done = ended("check", "default", **injected("gerador"))
    assert done.returncode == 0
    assert done.text_lines[0] == (
        "gerador: ignoring GERADOR_PORT=tcp://10.96.7.1:8000 and 7 other variables that Kubernetes "
        "sets for the Service 'gerador'; enableServiceLinks: false in the pod omits them"
    )
