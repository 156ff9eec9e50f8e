"""The interface between the HTTP API and a running service."""

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
    """A running service. Use from the event loop's thread; only coroutines wait."""

    @property
    def streams(self) -> Mapping[str, AvroSchema]:
        """The record schema of each stream, by name; the first stream is the default."""
        ...

    def buffer_rows(self, stream: str) -> int:
        """Return the maximum number of rows that `latest_rows` returns for `stream`, at least 1."""
        ...

    @property
    def registry(self) -> LocalRegistry | None:
        """The schema registry to serve; None when schemas are in an external one."""
        ...

    @property
    def metrics(self) -> Metrics:
        """The metrics of this run; a scrape reads `status`."""
        ...

    @property
    def live(self) -> bool:
        """Whether the process works; False: it must be restarted."""
        ...

    @property
    def ready(self) -> bool:
        """Whether rows are being delivered; `status().reason` is the cause when they are not."""
        ...

    def status(self) -> Status:
        """Return the current status. Cost: microseconds; never waits for generation."""
        ...

    def detail(self, stream: str) -> StreamDetail:
        """Return the declaration, schedule and status of `stream`, one of `streams`."""
        ...

    def change_rate(
        self, stream: str, rate: float | str, over: float | str | None = None
    ) -> ChangeResult:
        """Change the target rate of `stream` to `rate` (500, ``"10k"``, ``"max"``) from now on.

        With `over` (``"2m"``, or seconds) the rate ramps from the current one.

        Raises SettingError: an invalid rate or duration, a ramp from or to ``"max"``, or too many
        changes. ControlError: the stream has not started, or is stopping. `pause`, `resume` and
        `burst` raise the same.
        """
        ...

    def pause(self, stream: str) -> ChangeResult:
        """Pause `stream`: no further rows become due."""
        ...

    def resume(self, stream: str) -> ChangeResult:
        """End a pause of `stream`."""
        ...

    def burst(self, stream: str, rows: int) -> ChangeResult:
        """Make `rows` additional rows of `stream`, 1 to 10,000,000, due now.

        Also raises SettingError for an unpaced stream.
        """
        ...

    async def latest_rows(self, limit: int | None, stream: str | None) -> pa.RecordBatch | None:
        """Return the buffered rows of `stream` (None: the default stream), oldest first.

        `limit` in [1, buffer_rows] selects the newest rows; None: all. The columns have the types
        of `avro.arrow_types.arrow_schema`, strings possibly as dictionaries. None before the
        first row. Rows are regenerated in a worker thread.

        Raises RowGenerationError: the rows could not be regenerated.
        """
        ...

    def rows_generated(self, stream: str) -> int:
        """Return the number of rows of `stream` generated so far; it never decreases."""
        ...

    async def regenerate(self, stream: str, a: int, b: int) -> pa.RecordBatch:
        """Return rows [a, b) of `stream`, 0 <= a <= b <= `rows_generated`, as `latest_rows` does.

        Cost: generates the blocks that contain the rows, in a worker thread.

        Raises RowGenerationError: as in `latest_rows`.
        """
        ...

    def recipe_text(self) -> str | None:
        """Return the scenario file, in YAML, that reproduces the run.

        None before all streams have started. Without secrets of the settings; the values of
        ``${NAME}`` in the scenario are included.
        """
        ...
