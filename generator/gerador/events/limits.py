"""The sizes that the table of rows is cut by. Numbers only."""

from __future__ import annotations

from typing import Final

BLOCK_ROWS: Final = 16_384
"""Rows that are computed together: enough that the calls per column cost less than the rows, few
enough to stay in a core's cache. Part of what a seed means, so it never changes."""
ROW_INDEX_MAX: Final = 2**53 - 1
"""The last row index: the largest integer that JSON readers keep exact (RFC 8259, section 6)."""
ROWS_AT_ONCE_MAX: Final = 1 << 22
"""Rows that one `StreamRows.rows` call returns; more are iterated by `tiles`."""
BLOCKS_KEPT: Final = 4
"""Computed blocks that stay in memory, so that a slow stream does not compute a block a row."""
