"""The in-memory mirror: the range of rows of the latest generation, which `/dados` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from gerador.events.rows import StreamRows


class Mirror:
    """The rows that count as in memory: the latest whole generation.

    Until the first generation is whole, the rows of it that were made so far: at one row a
    second a generation of a thousand takes a quarter of an hour, and they are worth showing.
    """

    def __init__(self, generation_rows: int) -> None:
        self.generation_rows = generation_rows
        self._made = 0

    def advance(self, made_rows: int) -> None:
        """Note that all rows before `made_rows` were made."""
        self._made = made_rows

    @property
    def made(self) -> int:
        """The row up to which rows were made."""
        return self._made

    @property
    def generations(self) -> int:
        """Whole generations so far."""
        return self._made // self.generation_rows

    @property
    def span(self) -> tuple[int, int]:
        """The rows [a, b) in memory; empty before the first."""
        whole = self.generations * self.generation_rows
        if whole == 0:
            return 0, self._made
        return whole - self.generation_rows, whole

    def rows(self, source: StreamRows, limit: int | None = None) -> pa.RecordBatch | None:
        """Return the newest `limit` rows in memory (None: all), oldest first; None when empty.

        Cost: O(rows), milliseconds for a thousand; call it off the event loop.
        """
        a, b = self.span
        if a == b:
            return None
        return source.rows(a if limit is None else max(a, b - limit), b)
