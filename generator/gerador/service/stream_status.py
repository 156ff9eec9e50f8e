"""Computes the status of one stream from its progress, schedule and delivery ledger. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gerador.schedule.target_rate import MAX
from gerador.service.status import State, StreamStatus
from gerador.units import EPOCH, NS_PER_S

if TYPE_CHECKING:
    from datetime import datetime

    from gerador.delivery.mirror import Mirror
    from gerador.delivery.sink import Sink
    from gerador.schedule.schedule import Schedule
    from gerador.service.live_schedule import LiveSchedule
    from gerador.service.progress import Progress
    from gerador.service.stream_config import Destination, Recipe


@dataclass(frozen=True, slots=True)
class RunState:
    """What only the run knows of the instant that a status is told at."""

    rate_delivered: float
    stopping: bool


def stream_status(
    recipe: Recipe,
    destination: Destination,
    progress: Progress,
    mirror: Mirror,
    timeline: LiveSchedule,
    moment: RunState,
) -> StreamStatus:
    """Return the status of a stream. Cost: microseconds."""
    schedule = timeline.schedule
    count = destination.sink.ledger.total
    handed = count.acked + count.failed + count.unknown + count.in_flight
    due = _due_rows(handed, progress, timeline)
    a, b = mirror.span
    reason = _problem(progress, destination.sink)
    return StreamStatus(
        status=_state(reason, progress, timeline, moment),
        ultima_geracao=progress.generation_at,
        total_geracoes=mirror.generations,
        registros_atuais=b - a,
        due=due,
        made=progress.made,
        acked=count.acked,
        failed=count.failed,
        unknown=count.unknown,
        in_flight=count.in_flight,
        behind=due - handed,
        behind_s=_behind_s(handed, due, timeline),
        rate_asked=0.0 if progress.finished else timeline.rate_asked(handed),
        rate_delivered=round(moment.rate_delivered, 3),
        elapsed_s=_elapsed_s(progress, timeline),
        seed=recipe.seed,
        start=_start_time(recipe, schedule),
        topic=destination.topic,
        partitions=_partitions(destination.sink),
        reason=reason,
        errors=progress.errors,
        last_error=progress.last_error,
        failed_by_reason=dict(destination.sink.ledger.failed_by_reason),
        bytes_acked=count.acked_bytes,
        schema_id=destination.schema_id(),
        framing=destination.framing,
        rows_asked=_rows_asked(due, progress, timeline),
        changes=timeline.changes,
        notices=progress.notices + timeline.notices(handed),
    )


def _due_rows(handed: int, progress: Progress, timeline: LiveSchedule) -> int:
    """Return the rows due by now (or when it was stopped); as fast as possible, those made."""
    if timeline.schedule is None:
        return handed
    return max(handed, timeline.due_rows(progress.made))


def _rows_asked(due: int, progress: Progress, timeline: LiveSchedule) -> int | None:
    """Return the rows of a bounded stream; time may have ended it before it made them all."""
    end_row = timeline.end_row
    return min(end_row, due) if progress.finished and end_row is not None else end_row


def _problem(progress: Progress, sink: Sink) -> str | None:
    """Return why it is not well now; of what is over, `last_error` and the counts tell."""
    if progress.finished:
        return None
    return progress.last_error if progress.failing else sink.trouble


def _state(
    reason: str | None, progress: Progress, timeline: LiveSchedule, moment: RunState
) -> State:
    if progress.finished:
        return State.FINISHED
    if moment.stopping:
        return State.STOPPING
    if progress.failing:
        return State.ERROR
    if reason is not None:
        return State.DEGRADED
    if timeline.paused:
        return State.PAUSED
    return State.ACTIVE if progress.made else State.STARTING


def _behind_s(handed: int, due: int, timeline: LiveSchedule) -> float:
    schedule = timeline.schedule
    if due <= handed or schedule is None:
        return 0.0
    since_ns = schedule.due_ns(handed)
    if since_ns is None or schedule.pace_at(handed) == MAX:
        return 0.0  # as fast as possible nothing is due before it is made
    return round(timeline.age_s(since_ns), 3)


def _elapsed_s(progress: Progress, timeline: LiveSchedule) -> float:
    span_ns = progress.span_ns
    return round((timeline.elapsed_ns() if span_ns is None else span_ns) / NS_PER_S, 3)


def _start_time(recipe: Recipe, schedule: Schedule | None) -> datetime | None:
    if schedule is None:
        return recipe.start
    return EPOCH + timedelta(microseconds=schedule.start_ns // 1_000)


def _partitions(sink: Sink) -> int | None:
    return sink.partitions or None
