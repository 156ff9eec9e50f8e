"""A whole run: all streams, started and stopped together. Implements `interface.Service`."""

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
    """Streams (at least one) that run together."""

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
        """Create a run of `streams`.

        `command` returns the command line that reproduces a stream; `scenario` the model of the
        scenario file, from which the recipe is written.
        """
        self._scenario = scenario
        self._runs = {s.spec.name: s for s in streams}
        self._seed = seed
        self._metrics = metrics
        self._registry = registry
        self._command = command
        self._startup_step: str | None = None
        metrics.collect_status_from(self.status)

    async def run(self) -> None:
        """Run every stream to its end.

        Raises ConfigurationError: a destination has an error that retries cannot solve. The other
        streams are stopped.
        """
        measuring = asyncio.create_task(measure_event_loop_lag(self._metrics))
        try:
            async with asyncio.TaskGroup() as group:
                for stream in self._runs.values():
                    group.create_task(stream.run(), name=f"stream-{stream.spec.name}")
        except ExceptionGroup as e:
            raise e.exceptions[0] from None
        finally:
            measuring.cancel()

    def stop(self) -> None:
        """Stop generating rows; `run` drains and returns within seconds."""
        for stream in self._runs.values():
            stream.stop()

    def close(self) -> None:
        """Shut down the reader threads; rows cannot be read after that."""
        for stream in self._runs.values():
            stream.close()

    def set_startup_step(self, step: str | None) -> None:
        """Set what the run waits for before its streams can start; None: nothing."""
        self._startup_step = step

    @property
    def streams(self) -> Mapping[str, AvroSchema]:
        """The record schema of each stream, by name; the first stream is the default."""
        return {name: s.spec.schema for name, s in self._runs.items()}

    def buffer_rows(self, stream: str) -> int:
        """Return the maximum number of rows that `latest_rows` returns for `stream`."""
        return self._runs[stream].spec.generation_rows

    @property
    def registry(self) -> LocalRegistry | None:
        """The schema registry to serve; None when schemas are in an external one."""
        return self._registry

    @property
    def metrics(self) -> Metrics:
        """The metrics of this run."""
        return self._metrics

    @property
    def live(self) -> bool:
        """Always True: requests are answered by the event loop that produces."""
        return True

    @property
    def ready(self) -> bool:
        """Whether rows are being delivered."""
        return self.status().status in {State.ACTIVE, State.PAUSED}

    def status(self) -> Status:
        """Return the current status. Cost: microseconds per stream."""
        streams = {name: s.status() for name, s in self._runs.items()}
        state = max((s.status for s in streams.values()), key=_STATE_PRECEDENCE.index)
        if state is State.FINISHED:  # every stream is finished
            return self._finished_status(streams)
        reasons = (s.reason for s in streams.values() if s.reason is not None)
        reason = next(reasons, self._startup_step if state is State.STARTING else None)
        return Status.of(streams, status=state, seed=self._seed, version=VERSION, reason=reason)

    def _finished_status(self, streams: Mapping[str, StreamStatus]) -> Status:
        """Return the status of a finished run, with its target rate.

        The rate is all rows divided by their scheduled duration. It is None when an unpaced
        stream, which has no target rate, took longer than the schedules of the others.
        """
        total = Status.of(streams, status=State.STOPPING, seed=self._seed, version=VERSION)
        durations_ns = [
            run.live_schedule.scheduled_duration_ns(run.progress.next_row)
            for run in self._runs.values()
        ]
        paced_ns = max((ns for ns in durations_ns if ns is not None), default=0)
        pairs = zip(streams.values(), durations_ns, strict=True)
        unpaced_s = max((s.elapsed_s for s, ns in pairs if ns is None), default=0.0)
        if unpaced_s * NS_PER_S > paced_ns or not paced_ns:
            return replace(total, rate_asked=None)
        return replace(total, rate_asked=round(total.due * NS_PER_S / paced_ns, 3))

    def detail(self, stream: str) -> StreamDetail:
        """Return the declaration, schedule and status of `stream`."""
        run = self._runs[stream]
        status = run.status()
        return StreamDetail(
            name=stream,
            avro_schema=json.loads(run.spec.schema.json),
            declaration=StreamDeclaration.of(run.spec, run.recipe.rows),
            command=None if status.start is None else self._command(status),
            schedule=ScheduleSegment.of(run.live_schedule.schedule, run.live_schedule.now_ns()),
            status=status,
        )

    def change_rate(
        self, stream: str, rate: float | str, over: float | str | None = None
    ) -> ChangeResult:
        """Change the target rate of `stream` from now on."""
        change = parse_rate_change(rate, over)
        row = self._runs[stream].change_rate(change.target_rate, change.over_ns)
        return self._change_result(stream, row)

    def pause(self, stream: str) -> ChangeResult:
        """Pause `stream`."""
        return self._change_result(stream, self._runs[stream].pause())

    def resume(self, stream: str) -> ChangeResult:
        """End a pause of `stream`."""
        return self._change_result(stream, self._runs[stream].resume())

    def burst(self, stream: str, rows: int) -> ChangeResult:
        """Make `rows` additional rows of `stream` due now."""
        return self._change_result(stream, self._runs[stream].burst(rows))

    def recipe_text(self) -> str | None:
        """Return the scenario file that reproduces the run; None before all streams started."""
        starts = {s.status().start for s in self._runs.values()}
        start = starts.pop() if len(starts) == 1 else None
        if start is None or self._scenario is None:
            return None
        # Imported when it is needed: the models of a scenario file take time to load.
        from gerador.service.scenario_export import export_recipe  # noqa: PLC0415

        return export_recipe(self._scenario(), self._seed, start, self._runs)

    def _change_result(self, stream: str, row: int) -> ChangeResult:
        now = self._runs[stream].status()
        return ChangeResult(
            stream=stream, status=now.status, row=row, target_rows_per_s=now.rate_asked
        )

    async def latest_rows(self, limit: int | None, stream: str | None) -> pa.RecordBatch | None:
        """Return the buffered rows of `stream` (None: the default stream), oldest first."""
        run = self._default if stream is None else self._runs[stream]
        try:
            return await run.latest_rows(limit)
        except DataError as e:
            raise RowGenerationError(f"the newest rows cannot be regenerated: {e}") from e

    def rows_generated(self, stream: str) -> int:
        """Return the number of rows of `stream` generated so far."""
        return self._runs[stream].mirror.generated_rows

    async def regenerate(self, stream: str, a: int, b: int) -> pa.RecordBatch:
        """Return rows [a, b) of `stream`, generated again."""
        try:
            return await self._runs[stream].regenerate(a, b)
        except DataError as e:
            raise RowGenerationError(f"rows {a} to {b - 1} cannot be regenerated: {e}") from e

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
"""Ascending: the state of a run is the highest state of its streams."""
