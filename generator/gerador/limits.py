"""Numeric limits and defaults of seeds, rates, intervals, generations, row indices and blocks. Constants only."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

SEED_MAX: Final = 2**63 - 1
SEED_CHOSEN_BITS: Final = 32
"""Bits of a seed that is chosen: enough to differ, short enough to type."""
RATE_MIN: Final = Decimal("0.001")
RATE_MAX: Final = Decimal(10_000_000)
"""Rows per second of a schedule; as fast as possible is not a rate."""
INTERVAL_S: Final = 1.0
"""Seconds between generations, unless another number is given."""
INTERVAL_S_MIN: Final = Decimal("0.001")
INTERVAL_S_MAX: Final = Decimal(86_400)
"""Longest pause between generations: a day."""
GENERATION_ROWS: Final = 1_000
"""Rows of a generation, unless another number is given."""
GENERATION_ROWS_MAX: Final = 10_000_000
BURST_ROWS_MAX: Final = 10_000_000
"""Rows that one burst makes due at once."""
RAMP_NS_MIN: Final = 1_000_000
RAMP_NS_MAX: Final = 7 * 86_400_000_000_000
"""Longest ramp, step, or period of a rate: a week."""
PERIOD_NS_MIN: Final = 1_000_000_000
TOKEN_CHARACTERS_MAX: Final = 4_096
"""Of the API's bearer token: it travels in one header, and servers take 8 KiB or more of them."""
BLOCK_ROWS: Final = 16_384
"""Rows that are computed together: enough that the calls per column cost less than the rows, few
enough to stay in a core's cache. Part of what a seed means, so it never changes."""
ROW_INDEX_MAX: Final = 2**53 - 1
"""The last row index: the largest integer that JSON readers keep exact (RFC 8259, section 6)."""
TIMESTAMP_MAX_NS: Final = 2**63 - 1
"""2262-04-11, the last instant of 64-bit nanoseconds; rows due later are refused."""
