"""A whole run: all streams, started and stopped together, behind the interface that the API uses."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from gerador.errors import DataError, RowGenerationError
from gerador.schedule.changes import parse_rate_change
from gerador.service.metrics import measure_event_loop_lag
from gerador.service.status import State, Status
from gerador.service.stream_detail import (
    ChangeResult,
    ScheduleSegment,
    StreamDeclaration,
    StreamDetail,
)
from gerador.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from gerador.avro.schema import AvroSchema
    from gerador.delivery.registry.local_registry import LocalRegistry
    from gerador.scenario.model import Scenario
    from gerador.service.metrics import Metrics
    from gerador.service.status import StreamStatus
    from gerador.service.stream_run import StreamRun


VERSION = version("gerador-stream")


class Run:
    """Streams (at least one) that run together; what the API sees (`view.Service`)."""

    def __init__(
        self,
        streams: Sequence[StreamRun],
        *,
        seed: int,
        metrics: Metrics,
        registry: LocalRegistry | None,
        command: Callable[[StreamStatus], str],
        scenario: Callable[[], Scenario] | None = None,
    ) -> None:
        """Hold `streams`; `command` tells the command line that makes a stream's rows again.

        `scenario` gives the file's model that a recipe is written of.
        """
        self._scenario = scenario
        self._runs = {s.spec.name: s for s in streams}
        self._seed = seed
        self._metrics = metrics
        self._registry = registry
        self._command = command
        self._starting: str | None = None
        metrics.read_from(self.status)

    async def run(self) -> None:
        """Run every stream to its end.

        Raises ConfigurationError: a destination for which waiting cannot help; the others are
        stopped then.
        """
        watching = asyncio.create_task(measure_event_loop_lag(self._metrics))
        try:
            async with asyncio.TaskGroup() as group:
                for stream in self._runs.values():
                    group.create_task(stream.run(), name=f"stream-{stream.spec.name}")
        except ExceptionGroup as e:
            raise e.exceptions[0] from None
        finally:
            watching.cancel()

    def stop(self) -> None:
        """Make no more rows; `run` drains and returns within seconds."""
        for stream in self._runs.values():
            stream.stop()

    def close(self) -> None:
        """Let go of the threads for who looks at rows; no look is taken after that."""
        for stream in self._runs.values():
            stream.close()

    def announce(self, step: str | None) -> None:
        """Say what is being waited for before the streams can begin; None when nothing is."""
        self._starting = step

    @property
    def streams(self) -> Mapping[str, AvroSchema]:
        """Each stream's record schema by name; the first is the default."""
        return {name: s.spec.schema for name, s in self._runs.items()}

    def rows_kept(self, stream: str) -> int:
        """Return the most rows of `stream` that `latest` gives."""
        return self._runs[stream].spec.generation_rows

    @property
    def registry(self) -> LocalRegistry | None:
        """The schemas to serve; None when an outside registry holds them."""
        return self._registry

    @property
    def metrics(self) -> Metrics:
        """The metrics of this run."""
        return self._metrics

    @property
    def live(self) -> bool:
        """The loop that answers is the loop that works: while it answers, it is live."""
        return True

    @property
    def ready(self) -> bool:
        """Tell whether rows flow to where they should."""
        return self.status().status in {State.ACTIVE, State.PAUSED}

    def status(self) -> Status:
        """Return the state now. Cost: microseconds a stream."""
        streams = {name: s.status() for name, s in self._runs.items()}
        state = max((s.status for s in streams.values()), key=_STATE_PRECEDENCE.index)
        if state is State.FINISHED:  # all of them, so that the run ends
            return self._ended(streams)
        reasons = (s.reason for s in streams.values() if s.reason is not None)
        reason = next(reasons, self._starting if state is State.STARTING else None)
        return Status.of(streams, status=state, seed=self._seed, version=VERSION, reason=reason)

    def _ended(self, streams: Mapping[str, StreamStatus]) -> Status:
        """Return the state of a run whose streams are over, with the rate that was asked of it.

        That is all rows over the time that they were to take. As fast as possible, no rate was
        asked of a stream: nor of a run that such a stream has outlasted the others of.
        """
        total = Status.of(streams, status=State.STOPPING, seed=self._seed, version=VERSION)
        asked_ns = [s.timeline.asked_ns(s.progress.row) for s in self._runs.values()]
        known_ns = max((ns for ns in asked_ns if ns is not None), default=0)
        unasked = zip(streams.values(), asked_ns, strict=True)
        outlasted_s = max((s.elapsed_s for s, ns in unasked if ns is None), default=0.0)
        if outlasted_s * NS_PER_S > known_ns or not known_ns:
            return replace(total, rate_asked=None)
        return replace(total, rate_asked=round(total.due * NS_PER_S / known_ns, 3))

    def detail(self, stream: str) -> StreamDetail:
        """Return what `stream` is, and how it goes."""
        run = self._runs[stream]
        status = run.status()
        return StreamDetail(
            name=stream,
            avro_schema=json.loads(run.spec.schema.json),
            plan=StreamDeclaration.of(run.spec, run.recipe.rows),
            command=None if status.start is None else self._command(status),
            schedule=ScheduleSegment.of(run.timeline.schedule, run.timeline.now_ns()),
            status=status,
        )

    def change_rate(
        self, stream: str, rate: float | str, over: float | str | None = None
    ) -> ChangeResult:
        """Let `stream`'s rows fall due at `rate` from now on. Raises as `view.Service` says."""
        new = parse_rate_change(rate, over)
        return self._changed(stream, self._runs[stream].change_pace(new.pace, new.over_ns))

    def pause(self, stream: str) -> ChangeResult:
        """Let no row of `stream` fall due from now on."""
        return self._changed(stream, self._runs[stream].pause())

    def resume(self, stream: str) -> ChangeResult:
        """End a pause of `stream`."""
        return self._changed(stream, self._runs[stream].resume())

    def burst(self, stream: str, rows: int) -> ChangeResult:
        """Let `rows` rows of `stream` be due now, besides what flows."""
        return self._changed(stream, self._runs[stream].burst(rows))

    def recipe_text(self) -> str | None:
        """Return the scenario file that makes the same rows again; None before all have begun."""
        starts = {s.status().start for s in self._runs.values()}
        start = starts.pop() if len(starts) == 1 else None
        if start is None or self._scenario is None:
            return None
        # Loaded only where it is asked for: the models of a file take a moment.
        from gerador.service.scenario_export import export_recipe  # noqa: PLC0415

        return export_recipe(self._scenario(), self._seed, start, self._runs)

    def _changed(self, stream: str, row: int) -> ChangeResult:
        now = self._runs[stream].status()
        return ChangeResult(stream=stream, status=now.status, row=row, rate_asked=now.rate_asked)

    async def latest(self, limit: int | None, stream: str | None) -> pa.RecordBatch | None:
        """Return the rows in memory of `stream` (None: the default stream), oldest first."""
        chosen = self._default if stream is None else self._runs[stream]
        try:
            return await chosen.latest(limit)
        except DataError as e:
            raise RowGenerationError(f"rows in memory cannot be made again: {e}") from e

    def reached(self, stream: str) -> int:
        """Return the row up to which rows of `stream` were made."""
        return self._runs[stream].mirror.made

    async def remake(self, stream: str, a: int, b: int) -> pa.RecordBatch:
        """Make rows [a, b) of `stream` again; they must have been made."""
        try:
            return await self._runs[stream].remake(a, b)
        except DataError as e:
            raise RowGenerationError(f"rows {a} to {b - 1} cannot be made again: {e}") from e

    @property
    def _default(self) -> StreamRun:
        return next(iter(self._runs.values()))


_STATE_PRECEDENCE = (
    State.FINISHED,
    State.PAUSED,
    State.ACTIVE,
    State.STARTING,
    State.DEGRADED,
    State.ERROR,
    State.STOPPING,
)
"""The state of a run is that of the stream which needs most attention."""
