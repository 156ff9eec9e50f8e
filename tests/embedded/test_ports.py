"""Choosing ports."""

from __future__ import annotations

import socket

import pytest

from gerador.embedded.ports import choose_ports
from gerador.errors import SettingError


def test_all_ports_differ():
    """Every listener of every node, and every controller, gets a port of its own."""
    chosen = choose_ports(3, ["PLAINTEXT", "SASL"], 0)
    ports = [port for node in chosen for port in [*node.listeners.values(), node.controller]]
    assert len(set(ports)) == len(ports) == 9


def test_a_port_in_use_is_refused_by_number():
    """A port that was asked for and is taken is named in the error."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingError, match=f"Port {port} cannot be used"):
            choose_ports(1, ["PLAINTEXT"], port)
