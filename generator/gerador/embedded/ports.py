"""Chooses free loopback ports for the nodes, or checks the requested ones."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gerador.embedded.properties import BROKER_LISTENER, HOST, NodePorts
from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence


def choose_ports(nodes: int, listeners: Sequence[str], first_port: int) -> list[NodePorts]:
    """Return free loopback ports for each node; all differ, being bound together while choosing.

    Args:
        nodes: how many nodes.
        listeners: the client listeners' names, among them `BROKER_LISTENER`.
        first_port: the first node's plaintext port, the others' follow it; 0: any.

    Raises:
        SettingError: a port that was asked for is taken.
    """
    with ExitStack() as bound:
        chosen = []
        for index in range(nodes):
            asked = first_port + index if first_port else 0
            ports = {name: _bind(bound, asked * (name == BROKER_LISTENER)) for name in listeners}
            chosen.append(NodePorts(ports, _bind(bound, 0)))
        return chosen


def _bind(bound: ExitStack, port: int) -> int:
    """Bind a port until `bound` is left, as Kafka will: beside connections that linger."""
    listener = bound.enter_context(socket.socket())
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as refused:
        line = f"Port {port} cannot be used for Kafka ({refused}): choose another, or 0 for any"
        raise SettingError(line) from refused
    return int(listener.getsockname()[1])
