"""The fixture `kafka`: one broker per test session, as a pytest plugin.

A local Apache Kafka (`gerador.embedded`), the brokers of KAFKA_BOOTSTRAP_SERVERS, or with
GERADOR_TEST_BROKER=redpanda a Redpanda container. A missing broker fails the tests; nothing is
skipped. Register it with ``pytest_plugins = ["tests.kafka_fixture"]``.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from gerador.embedded.cluster import EmbeddedKafka
from gerador.embedded.jars import default_cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

REDPANDA_IMAGE: Final = "docker.redpanda.com/redpandadata/redpanda:v26.2.3"


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker; `bootstrap` are its plaintext bootstrap servers."""

    bootstrap: str


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Yield the session's broker; each test uses its own topics."""
    with _broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


def _broker(data_dir: Path) -> AbstractContextManager[Broker]:
    if bootstrap := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return _external(bootstrap)
    choice = os.environ.get("GERADOR_TEST_BROKER", "embedded")
    brokers = {"embedded": _embedded, "redpanda": _redpanda}
    if choice not in brokers:
        pytest.fail(f"GERADOR_TEST_BROKER={choice!r} is not one of {sorted(brokers)}")
    return brokers[choice](data_dir)


@contextmanager
def _external(bootstrap: str) -> Iterator[Broker]:
    yield Broker(bootstrap)


def cache_dir() -> Path:
    """Return the cache directory of jars: GERADOR_CACHE_DIR, or the user's."""
    path = os.environ.get("GERADOR_CACHE_DIR")
    return Path(path) if path else default_cache_dir()


@contextmanager
def _embedded(data_dir: Path) -> Iterator[Broker]:
    with EmbeddedKafka(data_dir, cache_dir=cache_dir()) as cluster:
        yield Broker(cluster.bootstrap)


@contextmanager
def _redpanda(_data_dir: Path) -> Iterator[Broker]:
    from testcontainers.community.kafka import RedpandaContainer  # noqa: PLC0415 - needs Docker

    with RedpandaContainer(REDPANDA_IMAGE) as container:
        yield Broker(container.get_bootstrap_server())
