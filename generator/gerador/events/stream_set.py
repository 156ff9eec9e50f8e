"""The rows of all streams of a scenario, created on demand in dependency order."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

from gerador.errors import SettingError, did_you_mean
from gerador.events.rows import StreamRows
from gerador.scenario.stream_validation import reference_cycle
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import PAUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gerador.scenario.stream_spec import StreamSpec


class StreamSet:
    """The rows of streams by name. Thread-safe.

    Schedules must be changed with `reschedule`, which also updates the dependent streams.
    """

    def __init__(
        self,
        specs: Iterable[StreamSpec],
        seed: int,
        schedules: Mapping[str, Schedule] | None = None,
    ) -> None:
        """Take the streams and their schedules. Rows are created on first use.

        A stream without a schedule is paused until `reschedule`.
        """
        self._specs = {spec.name: spec for spec in specs}
        self._seed = seed
        paused = Schedule.starting(0, PAUSED)
        self._schedules = dict.fromkeys(self._specs, paused) | dict(schedules or {})
        self._rows: dict[str, StreamRows] = {}
        self._in_progress: list[str] = []
        self._lock = RLock()

    def rows_of(self, name: str) -> StreamRows:
        """Return the rows of a stream.

        Raises SettingError: an unknown stream, cyclic references, or as `StreamRows`.
        """
        with self._lock:
            if name not in self._specs:
                raise SettingError(f"unknown stream {name!r}{did_you_mean(name, self._specs)}")
            if name not in self._rows:
                self._rows[name] = self._create(name)
            return self._rows[name]

    def _create(self, name: str) -> StreamRows:
        if name in self._in_progress:
            start = self._in_progress.index(name)
            raise SettingError(reference_cycle([*self._in_progress[start:], name]))
        self._in_progress.append(name)
        try:
            spec, schedule = self._specs[name], self._schedules[name]
            return StreamRows(spec, self._seed, schedule, other=self.rows_of)
        finally:
            self._in_progress.pop()

    def reschedule(self, name: str, schedule: Schedule) -> None:
        """Use `schedule` for the rows of a stream from now on; see `StreamRows.reschedule`.

        Dependent streams drop their cached blocks: earlier rows of theirs that reference rows
        after the change may differ.
        """
        with self._lock:
            self._schedules[name] = schedule
            self.rows_of(name).reschedule(schedule)
            for dependent in self.dependents(name):
                if dependent in self._rows:
                    rows = self._rows[dependent]
                    rows.reschedule(rows.schedule)

    def dependents(self, name: str) -> frozenset[str]:
        """Return the streams that reference a stream, directly or through others."""
        found: set[str] = set()
        pending = [name]
        while pending:
            target = pending.pop()
            direct = {
                spec.name
                for spec in self._specs.values()
                if any(reference.stream == target for _, reference in spec.lookups)
            }
            pending += sorted(direct - found)
            found |= direct
        return frozenset(found)

    def lookup_bytes(self, name: str) -> int:
        """Estimate the memory of a stream's columns that other streams reference.

        Cost: one block of rows, if there are references.
        """
        references = [
            reference
            for spec in self._specs.values()
            for _, reference in spec.lookups
            if reference.stream == name
        ]
        recent = max((reference.recent or 0 for reference in references), default=0)
        paths = {reference.path for reference in references}
        return sum(self.rows_of(name).lookup_columns.size_bytes(path, recent) for path in paths)
