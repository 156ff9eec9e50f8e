"""The in-memory mirror: the range of rows of the latest generation, which `/dados` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.events.rows import StreamRows


class Mirror:
    """The row range that counts as in memory: the latest complete generation.

    Before the first generation is complete, the rows of it that were generated so far: at one row
    per second, a generation of a thousand rows takes a quarter of an hour.
    """

    def __init__(self, generation_rows: int) -> None:
        self.generation_rows = generation_rows
        self._generated_rows = 0

    def advance(self, generated_rows: int) -> None:
        """Set how many rows were generated: the rows [0, generated_rows)."""
        self._generated_rows = generated_rows

    @property
    def generated_rows(self) -> int:
        """Number of rows that were generated."""
        return self._generated_rows

    @property
    def generations(self) -> int:
        """Number of complete generations."""
        return self._generated_rows // self.generation_rows

    @property
    def row_range(self) -> tuple[int, int]:
        """The rows [a, b) in memory; empty before the first row."""
        complete = self.generations * self.generation_rows
        if complete == 0:
            return 0, self._generated_rows
        return complete - self.generation_rows, complete

    def rows(self, source: StreamRows, limit: int | None = None) -> pa.RecordBatch | None:
        """Return the newest `limit` rows in memory (None: all), oldest first; None when empty.

        Cost: O(rows), milliseconds for a thousand rows; call it outside the event loop.
        """
        a, b = self.row_range
        if a == b:
            return None
        return source.rows(a if limit is None else max(a, b - limit), b)
