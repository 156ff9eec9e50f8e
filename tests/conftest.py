"""Fixtures for every test, and their order; no test reads the developer's own settings."""

from __future__ import annotations

import gc
import logging
import os
from typing import TYPE_CHECKING, Final

import hypothesis
import pytest
import structlog

from gerador.process_tuning import relax_gc
from gerador.settings.model import ENVIRONMENT
from gerador.values import faker_pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from gerador.randomness import StreamSeeds

pytest_plugins = ["tests.kafka_fixture"]

LONG: Final = (
    "e2e/test_command",
    "delivery/test_kafka",
    "docs/test_configuration",
    "cli/test_bench",
    "embedded/",
    "e2e/",
    "delivery/",
    "docs/",
    "cli/",
    "api/",
)
"""Files that take long, the longest first: processes that share the files should end together."""
FOR_THE_TESTS: Final = {"KAFKA_BOOTSTRAP_SERVERS", "GERADOR_CACHE_DIR"}
"""Settings that choose the broker and the jars of the tests themselves."""

JAVA_FOR_THE_TESTS: Final = "-XX:TieredStopAtLevel=1"
"""Brokers of tests live for seconds: compiling their code well costs more than it gives."""

os.environ.setdefault("JAVA_TOOL_OPTIONS", JAVA_FOR_THE_TESTS)
relax_gc()
# A kernel is compiled at its first call, which may be in any example: examples have no deadline.
hypothesis.settings.register_profile("gerador", deadline=None)
hypothesis.settings.load_profile("gerador")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long before others, all else as it was."""

    def place(item: pytest.Item) -> int:
        return next((n for n, part in enumerate(LONG) if f"tests/{part}" in item.nodeid), len(LONG))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Let the collector look no more at what is loaded by now: a fifth of the tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _pools_are_drawn_once() -> Iterator[None]:
    """Remember Faker's pools; test_faker_pool.py tests that they depend on nothing else."""
    drawn: dict[tuple[bytes | str, ...], pa.Array] = {}
    pool = faker_pool.draw_pool

    def remembered(seeds: StreamSeeds, path: str, *how: object) -> pa.Array:
        key = (seeds.key(path).tobytes(), *map(repr, how))
        if key not in drawn:
            drawn[key] = pool(seeds, path, *how)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faker_pool, "draw_pool", remembered)
        yield


@pytest.fixture(autouse=True)
def _logs_to_logging() -> None:
    """Send the program's log to `logging`, which pytest captures; reset earlier settings."""
    structlog.reset_defaults()
    logging.getLogger("gerador").setLevel(logging.NOTSET)
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Hide the developer's own settings from the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ENVIRONMENT.keys() & os.environ.keys() - FOR_THE_TESTS:
            patch.delenv(name)
        yield
