"""Fixtures for every test; no test reads the developer's own settings."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Final

import pytest
import structlog

from generator.settings import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.kafka_fixture"]

FOR_THE_TESTS: Final = {"KAFKA_BOOTSTRAP_SERVERS", "GERADOR_CACHE_DIR"}
"""Settings that choose the broker and the jars of the tests themselves."""


@pytest.fixture(autouse=True)
def _logs_to_logging() -> None:
    """Let the program's log go where pytest captures it, whatever a command set up before."""
    structlog.reset_defaults()
    logging.getLogger("generator").setLevel(logging.NOTSET)
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Hide the settings of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ENVIRONMENT.keys() & os.environ.keys() - FOR_THE_TESTS:
            patch.delenv(name)
        yield
