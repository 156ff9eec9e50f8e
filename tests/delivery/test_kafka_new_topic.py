"""A topic whose partitions have no leader yet is no problem, unless it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import errors as kafka_errors
from structlog.testing import capture_logs

from gerador.delivery.kafka import producer_supervisor
from gerador.delivery.kafka.delivery_tracker import DeliveryTracker
from gerador.delivery.kafka.producer_supervisor import ProducerSupervisor
from gerador.delivery.kafka.topic import TopicSpec
from gerador.errors import KafkaUnavailableError
from tests.delivery.kafka_harness import RecordingObserver

if TYPE_CHECKING:
    from collections.abc import Sequence


class Attempts(ProducerSupervisor):
    """A supervisor whose attempts to connect fail with `errors`, in their order."""

    def __init__(self, errors: Sequence[BaseException]) -> None:
        observer = RecordingObserver()
        tracker = DeliveryTracker(observer, "t")
        super().__init__(None, TopicSpec(name="t"), tracker, observer, None)  # type: ignore[arg-type]
        self._errors = iter(errors)

    async def _try_to_connect(self) -> Any:
        for error in self._errors:
            raise error
        return "connected"


def caused_by(error: BaseException) -> KafkaUnavailableError:
    """Return the error of a client that `error` has made unavailable."""
    unavailable = KafkaUnavailableError("the brokers are unavailable")
    unavailable.__cause__ = error
    return unavailable


NEW = [
    kafka_errors.LeaderNotAvailableError("partition 0 has no leader"),
    kafka_errors.UnknownTopicOrPartitionError("t"),
    caused_by(kafka_errors.NotLeaderForPartitionError()),
]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer_supervisor, "BACKOFF_S", (0.0,))


async def test_a_new_topic_without_leaders_is_not_reported():
    """The first errors of a topic that is being created are neither logged nor the reason."""
    supervisor = Attempts(NEW)
    with capture_logs() as logged:
        assert await supervisor._connect() == "connected"
    assert logged == []
    assert supervisor.reason is None


async def test_a_leader_that_stays_away_is_reported(monkeypatch: pytest.MonkeyPatch):
    """After SETTLING_S it is a warning, once, with the way out."""
    monkeypatch.setattr(producer_supervisor, "SETTLING_S", 0.0)
    with capture_logs() as logged:
        await Attempts(NEW[:1] * 3)._connect()
    (warning,) = logged
    assert warning["log_level"] == "warning"
    assert "a partition has no leader" in warning["reason"]


async def test_other_problems_are_reported_at_once():
    """Only the errors of a new topic have time."""
    supervisor = Attempts([NEW[0], caused_by(kafka_errors.KafkaConnectionError()), NEW[0]])
    with capture_logs() as logged:
        await supervisor._connect()
    assert [entry["event"] for entry in logged] == ["not ready"]
