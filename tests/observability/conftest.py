"""One scene for all tests: steady, rate change, rejected batches, broker outage, steady."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.observability.prometheus import program
from tests.observability.scene import Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRAPE_S: Final = 1.0
RATE_INTERVAL: Final = "10s"
STEADY_S: Final = 6.0


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Return a running scene in which every event has happened once."""
    for name in ("prometheus", "promtool"):
        program(name)
    with scene(tmp_path_factory.mktemp("scene"), rate="2k", scrape_s=SCRAPE_S) as now:
        time.sleep(STEADY_S)
        now.change_rate("3k")
        now.reject_batches(1.0)
        now.prometheus.until("gerador_records_failed_total > 0")
        now.lose_broker(4.0)
        now.prometheus.until(f"rate(gerador_records_acked_total[{RATE_INTERVAL}]) > 0")
        time.sleep(STEADY_S)
        yield now
