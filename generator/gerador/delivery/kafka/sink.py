"""The Kafka sink: slices to one topic with acks=all and an idempotent producer, one producer at a time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from gerador.delivery.kafka.delivery_tracker import DeliveryObserver, DeliveryTracker
from gerador.delivery.kafka.producer_supervisor import ProducerSupervisor
from gerador.errors import GeradorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gerador.delivery.kafka.connection import Connection
    from gerador.delivery.kafka.topic import TopicDescription, TopicSpec
    from gerador.delivery.ledger import Ledger
    from gerador.delivery.sink import Slice


STALLED_S: Final = 2.0
"""Age of the oldest batch in flight from which on the service calls itself degraded."""
BATCH_SLACK_BYTES: Final = 1024
"""Room left below the topic's max.message.bytes: compression can lengthen the incompressible."""


class KafkaSink:
    """Record batches to one topic (`gerador.delivery.sink.Sink`).

    `connection` is awaited once, first: a local Kafka has no address before it runs; what it
    raises, `ready` raises. `before_first` is awaited once the brokers answered and before the
    first row is asked for (the schema registry); a fault of it is waited out like a broker's.
    """

    def __init__(
        self,
        connection: Callable[[], Awaitable[Connection]],
        wish: TopicSpec,
        observer: DeliveryObserver,
        before_first: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._settlement = DeliveryTracker(observer, wish.name)
        self._supervisor = ProducerSupervisor(
            connection, wish, self._settlement, observer, before_first
        )
        self._supervising: asyncio.Task[None] | None = None

    @property
    def ledger(self) -> Ledger:
        """What became of every row."""
        return self._settlement.ledger

    @property
    def facts(self) -> TopicDescription | None:
        """The topic as the brokers have it; None before `ready` returned."""
        return self._supervisor.facts

    @property
    def partitions(self) -> int:
        """Number of partitions; 0 before `ready` returned."""
        return len(self._settlement.lanes)

    @property
    def held_before(self) -> int:
        """Records that the topic held when we came, as its log offsets tell; after `ready`."""
        return self._supervisor.held_before

    @property
    def batch_bytes_max(self) -> int:
        """Bytes that the topic takes as one record batch; call it after `ready`."""
        assert self.facts is not None, "ready() comes first"  # noqa: S101
        return self.facts.message_bytes_max - BATCH_SLACK_BYTES

    @property
    def trouble(self) -> str | None:
        """Why rows are not being confirmed right now, in one line; None when they are."""
        if not self._supervisor.connected.is_set():
            return self._supervisor.trouble
        age_s = self._settlement.oldest_s()
        if age_s < STALLED_S:
            return None
        cause = self._supervisor.watch.cause() or "no answer yet"
        return f"no acknowledgement for {age_s:.0f} s: {cause}"

    async def ready(self) -> None:
        """Connect, make the topic, and return when the first row may be offered.

        Raises ConfigurationError: waiting cannot help (fewer partitions than asked for, …).
        GeradorError: whatever finding the connection raised.
        """
        if self._supervising is None:
            self._supervising = asyncio.create_task(self._supervisor.run(), name="supervisor")
            self._supervising.add_done_callback(lambda _: self._settlement.give_up())
        connected = asyncio.ensure_future(self._supervisor.connected.wait())
        try:
            either = {connected, self._supervising}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()
        self._raise_if_ended()

    async def offer(self, made: Slice) -> None:
        """Take one slice's batches. Waits while too much is in flight.

        Raises ConfigurationError: the supervisor gave up for good.
        """
        self._raise_if_ended()
        await self._settlement.take(made.batches)
        self._raise_if_ended()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until everything offered is confirmed or failed; False when time ran out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._settlement.all_settled()
        return self._settlement.idle

    async def close(self) -> None:
        """Let go of the brokers, within about three seconds.

        Batches that were never sent are failed; sent ones without an answer stay unknown.
        """
        if self._supervising is not None:
            self._supervising.cancel()
            with contextlib.suppress(asyncio.CancelledError, GeradorError):
                await self._supervising
        self._settlement.write_off()

    def _raise_if_ended(self) -> None:
        if self._supervising is not None and self._supervising.done():
            self._supervising.result()
