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
    """Return free loopback ports for each node. All are bound at the same time, so all differ.

    Args:
        nodes: number of nodes.
        listeners: names of the client listeners, including `BROKER_LISTENER`.
        first_port: plaintext port of the first node, followed by the others'; 0: any free port.

    Raises:
        SettingError: a requested port is in use.
    """
    with ExitStack() as bound:
        chosen = []
        for index in range(nodes):
            requested = first_port + index if first_port else 0
            ports = {n: _bind(bound, requested * (n == BROKER_LISTENER)) for n in listeners}
            chosen.append(NodePorts(ports, _bind(bound, 0)))
        return chosen


def _bind(bound: ExitStack, port: int) -> int:
    """Bind a port until `bound` is closed; as Kafka does, despite connections in TIME_WAIT."""
    listener = bound.enter_context(socket.socket())
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        raise SettingError(
            f"port {port} cannot be used for Kafka ({error}); use another port, or 0 for a free one"
        ) from error
    return int(listener.getsockname()[1])
