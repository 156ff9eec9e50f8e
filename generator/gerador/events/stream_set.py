"""The rows of all streams of a scenario, created on demand in dependency order."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

from gerador.errors import SettingError, did_you_mean
from gerador.events.rows import StreamRows
from gerador.scenario.stream_spec import lookups_of
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import PAUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gerador.scenario.stream_spec import StreamSpec


class StreamSet:
    """The rows of streams by name. Safe to use from several threads.

    Schedules are changed through `reschedule` alone: it knows which streams look at which.
    """

    def __init__(
        self,
        specs: Iterable[StreamSpec],
        seed: int,
        schedules: Mapping[str, Schedule] | None = None,
    ) -> None:
        """Take the streams and when the rows of each are due; nothing is made yet.

        Streams whose schedule is not there yet are paused until `reschedule` brings it.
        """
        self._specs = {spec.name: spec for spec in specs}
        self._seed = seed
        waiting = Schedule.starting(0, PAUSED)
        self._schedules = dict.fromkeys(self._specs, waiting) | dict(schedules or {})
        self._made: dict[str, StreamRows] = {}
        self._begun: list[str] = []
        self._lock = RLock()

    def get(self, name: str) -> StreamRows:
        """Return the rows of a stream; they are made at the first time.

        Raises SettingError: no such stream, streams in a circle, or as `StreamRows`.
        """
        with self._lock:
            if name not in self._specs:
                raise SettingError(f"no stream {name!r}{did_you_mean(name, self._specs)}")
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]

    def _make(self, name: str) -> StreamRows:
        if name in self._begun:
            names = [*self._begun[self._begun.index(name) :], name]
            circle = " refers to ".join(repr(n) for n in names)
            raise SettingError(f"{circle}: streams in a circle; cut it")
        self._begun.append(name)
        try:
            spec, schedule = self._specs[name], self._schedules[name]
            return StreamRows(spec, self._seed, schedule, other=self.get)
        finally:
            self._begun.pop()

    def reschedule(self, name: str, schedule: Schedule) -> None:
        """Time the rows of a stream by `schedule` from now on; see `StreamRows.reschedule`.

        Streams that look at it, at whatever distance, make the blocks that they kept anew: rows
        that they made before and that looked at rows beyond the change may differ.
        """
        with self._lock:
            self._schedules[name] = schedule
            self.get(name).reschedule(schedule)
            for other in self.looking_at(name):
                if other in self._made:
                    rows = self._made[other]
                    rows.reschedule(rows.schedule)

    def looking_at(self, name: str) -> frozenset[str]:
        """Return the names of the streams that look at one, by themselves or through others."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            target = waiting.pop()
            direct = {
                spec.name
                for spec in self._specs.values()
                if any(declared.stream == target for _, declared in lookups_of(spec))
            }
            waiting += sorted(direct - found)
            found |= direct
        return frozenset(found)

    def entry_bytes(self, name: str) -> int:
        """Return about how many bytes of a stream others keep in memory to look values up.

        Cost: that of a block of rows, where any other stream looks at it.
        """
        looking = [
            declared
            for spec in self._specs.values()
            for _, declared in lookups_of(spec)
            if declared.stream == name
        ]
        recent = max((declared.recent or 0 for declared in looking), default=0)
        paths = {declared.path for declared in looking}
        return sum(self.get(name).entries.bytes_of(path, recent) for path in paths)
