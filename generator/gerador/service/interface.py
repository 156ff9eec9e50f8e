"""The interface between the HTTP side and the running service: one protocol, without behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from gerador.avro.schema import AvroSchema
    from gerador.delivery.registry.local_registry import LocalRegistry
    from gerador.service.metrics import Metrics
    from gerador.service.status import Status
    from gerador.service.stream_detail import ChangeResult, StreamDetail


class Service(Protocol):
    """A run, seen from outside. Every property answers at once, from the event loop's thread."""

    @property
    def streams(self) -> Mapping[str, AvroSchema]:
        """Return each stream's record schema by the stream's name; the first is the default."""
        ...

    def rows_kept(self, stream: str) -> int:
        """Return the most rows of `stream` that `latest` gives, at least 1."""
        ...

    @property
    def registry(self) -> LocalRegistry | None:
        """Return the schemas to serve; None when an outside registry holds them."""
        ...

    @property
    def metrics(self) -> Metrics:
        """Return the metrics of this run; they read `status` when they are asked."""
        ...

    @property
    def live(self) -> bool:
        """Tell whether the process can still do its work; False asks for a restart."""
        ...

    @property
    def ready(self) -> bool:
        """Tell whether rows flow to where they should; `status().reason` says why not."""
        ...

    def status(self) -> Status:
        """Return the state now. Cost: microseconds, no waiting, no lock held by generation."""
        ...

    def detail(self, stream: str) -> StreamDetail:
        """Return what `stream`, one of `streams`, is, and how it goes."""
        ...

    def change_rate(
        self, stream: str, rate: float | str, over: float | str | None = None
    ) -> ChangeResult:
        """Let `stream`'s rows fall due at `rate` (500, ``"10k"``, ``"max"``) from now on.

        `over` (``"2m"``, or seconds) ramps there from the rate of this moment.

        Raises SettingError: a rate or time that makes no sense, a ramp from or to ``"max"``, or
        too many changes. SteeringError: it has not begun, or is ending. The same for `pause`,
        `resume` and `burst`.
        """
        ...

    def pause(self, stream: str) -> ChangeResult:
        """Let no row of `stream` fall due from now on."""
        ...

    def resume(self, stream: str) -> ChangeResult:
        """End a pause of `stream`."""
        ...

    def burst(self, stream: str, rows: int) -> ChangeResult:
        """Let `rows` rows of `stream`, 1 to 10,000,000, be due now, besides what flows.

        Raises also SettingError: `stream` goes as fast as possible already.
        """
        ...

    async def latest(self, limit: int | None, stream: str | None) -> pa.RecordBatch | None:
        """Return the rows in memory of `stream` (None: the default stream), oldest first.

        `limit` in [1, rows_kept] asks for the newest so many; None for all. The columns are
        those of `events.arrow_types.arrow_schema`, text possibly as a dictionary. None before
        the first generation. Work of any size is done off the event loop.

        Raises RowsFault: the rows could not be made again.
        """
        ...

    def reached(self, stream: str) -> int:
        """Return the row up to which rows of `stream` were made; it never falls."""
        ...

    async def remake(self, stream: str, a: int, b: int) -> pa.RecordBatch:
        """Make rows [a, b) of `stream` again, 0 <= a <= b <= `reached`; columns as in `latest`.

        Cost: the blocks that they lie in, off the event loop. Raises RowsFault: as `latest` does.
        """
        ...

    def recipe_text(self) -> str | None:
        """Return the scenario file, in YAML, that run again gives the same rows.

        None before all streams have begun. No secret of the settings is in it; what ``${NAME}``
        stood for in the scenario is.
        """
        ...
