"""Computes the status of one stream from its progress, schedule and delivery ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gerador.schedule.target_rate import MAX
from gerador.service.status import State, StreamStatus
from gerador.units import EPOCH, NS_PER_S

if TYPE_CHECKING:
    from datetime import datetime

    from gerador.delivery.latest_generation import Mirror
    from gerador.delivery.sink import Sink
    from gerador.schedule.schedule import Schedule
    from gerador.service.live_schedule import LiveSchedule
    from gerador.service.produce_counters import Progress
    from gerador.service.stream_config import Destination, Recipe


@dataclass(frozen=True, slots=True)
class RunState:
    """State of a stream's run that only the run knows."""

    rate_delivered: float
    is_stopping: bool


def stream_status(
    recipe: Recipe,
    destination: Destination,
    progress: Progress,
    mirror: Mirror,
    live_schedule: LiveSchedule,
    state: RunState,
) -> StreamStatus:
    """Return the status of a stream. Cost: microseconds."""
    schedule = live_schedule.schedule
    count = destination.sink.ledger.total
    sent = count.acked + count.failed + count.unknown + count.in_flight
    due = _due_rows(sent, progress, live_schedule)
    a, b = mirror.row_range
    reason = _reason(progress, destination.sink)
    return StreamStatus(
        status=_state(reason, progress, live_schedule, state),
        ultima_geracao=progress.generation_at,
        total_geracoes=mirror.generations,
        registros_atuais=b - a,
        due=due,
        made=progress.made,
        acked=count.acked,
        failed=count.failed,
        unknown=count.unknown,
        in_flight=count.in_flight,
        behind=due - sent,
        behind_s=_behind_s(sent, due, live_schedule),
        rate_asked=0.0 if progress.is_finished else live_schedule.target_rows_per_s(sent),
        rate_delivered=round(state.rate_delivered, 3),
        elapsed_s=_elapsed_s(progress, live_schedule),
        seed=recipe.seed,
        start=_start_time(recipe, schedule),
        topic=destination.topic,
        partitions=destination.sink.partitions or None,
        reason=reason,
        errors=progress.errors,
        last_error=progress.last_error,
        failed_by_reason=dict(destination.sink.ledger.failed_by_reason),
        bytes_acked=count.acked_bytes,
        schema_id=destination.schema_id(),
        framing=destination.framing,
        rows_asked=_bounded_rows(due, progress, live_schedule),
        changes=live_schedule.changes,
        notices=progress.notices + live_schedule.notices(sent),
    )


def _due_rows(sent: int, progress: Progress, live_schedule: LiveSchedule) -> int:
    """Return the rows due by now, or by the stop; for an unpaced stream the generated rows."""
    if live_schedule.schedule is None:
        return sent
    return max(sent, live_schedule.due_rows(progress.made))


def _bounded_rows(due: int, progress: Progress, live_schedule: LiveSchedule) -> int | None:
    """Return the rows of a bounded stream; fewer if its time ended before all were generated."""
    end_row = live_schedule.end_row
    return min(end_row, due) if progress.is_finished and end_row is not None else end_row


def _reason(progress: Progress, sink: Sink) -> str | None:
    """Return the current problem; None for a finished stream, whose `last_error` remains."""
    if progress.is_finished:
        return None
    return progress.last_error if progress.is_failing else sink.problem


def _state(
    reason: str | None, progress: Progress, live_schedule: LiveSchedule, state: RunState
) -> State:
    if progress.is_finished:
        return State.FINISHED
    if state.is_stopping:
        return State.STOPPING
    if progress.is_failing:
        return State.ERROR
    if reason is not None:
        return State.DEGRADED
    if live_schedule.is_paused:
        return State.PAUSED
    return State.ACTIVE if progress.made else State.STARTING


def _behind_s(sent: int, due: int, live_schedule: LiveSchedule) -> float:
    schedule = live_schedule.schedule
    if due <= sent or schedule is None:
        return 0.0
    due_ns = schedule.due_ns(sent)
    if due_ns is None or schedule.target_rate_at(sent) == MAX:
        return 0.0  # an unpaced row is not due before it is generated
    return round(live_schedule.age_s(due_ns), 3)


def _elapsed_s(progress: Progress, live_schedule: LiveSchedule) -> float:
    duration_ns = progress.duration_ns
    return round((live_schedule.elapsed_ns() if duration_ns is None else duration_ns) / NS_PER_S, 3)


def _start_time(recipe: Recipe, schedule: Schedule | None) -> datetime | None:
    if schedule is None:
        return recipe.start
    return EPOCH + timedelta(microseconds=schedule.start_ns // 1_000)
