"""Fixtures of the stack's tests: an engine, the images, and the substituted images.

Run them with ``python -m pytest tests/stack``; no other run collects them. A part that is
missing fails with one line, and nothing is skipped.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import docker
import docker.errors
import pytest

from tests.stack.composed import Stack
from tests.stack.stand_in_images import BASE, stood_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

IMAGE: Final = "gerador:0.1.0"
REPORT: Final[list[str]] = []
"""Lines for the end of the run: what was measured, and what was not the real thing."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print measurements and substituted images at the end of the run."""
    if REPORT:
        terminalreporter.section("the stack")
    for line in REPORT:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def report() -> list[str]:
    """Return the list of lines for the end of the run."""
    return REPORT


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """Give a client of the Docker engine that answers here."""
    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as silent:
        pytest.fail(f"no Docker engine answers; start one, or set DOCKER_HOST: {silent}")
    yield client
    client.close()


@pytest.fixture(scope="session")
def parts(engine: DockerClient) -> None:
    """Pull every image of the stack, or build a substitute."""
    began_s = time.monotonic()
    named = Stack().compose("config", "--images").split()
    missing = stood_in(engine, [BASE, *sorted(set(named) - {IMAGE})])
    REPORT.extend(f"stand-in: {image}: {what}" for image, what in missing.items())
    REPORT.append(f"images pulled or substituted: {time.monotonic() - began_s:.1f} s")


@pytest.fixture(scope="session")
def image(engine: DockerClient, parts: None) -> str:  # noqa: ARG001 - its base is a part
    """Give the generator's own image, built as compose builds it."""
    began_s = time.monotonic()
    Stack().compose("build", "generator")
    size_mb = engine.images.get(IMAGE).attrs["Size"] / 1e6
    REPORT.append(f"image built: {time.monotonic() - began_s:.1f} s, {size_mb:.0f} MB")
    return IMAGE
