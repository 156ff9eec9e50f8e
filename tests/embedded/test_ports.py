"""The choice of ports."""

from __future__ import annotations

import socket

import pytest

from gerador.embedded.ports import choose_ports
from gerador.errors import SettingError


def test_all_ports_differ():
    """Every listener and every controller of all nodes has its own port."""
    chosen = choose_ports(3, ["PLAINTEXT", "SASL"], 0)
    ports = [port for node in chosen for port in [*node.listeners.values(), node.controller]]
    assert len(set(ports)) == len(ports) == 9


def test_a_port_in_use_is_rejected():
    """The error has the number of the requested port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingError, match=f"port {port} cannot be used"):
            choose_ports(1, ["PLAINTEXT"], port)
