"""Limits and defaults of seeds, rates, intervals, generations, row indices and blocks."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

SEED_MAX: Final = 2**63 - 1
SEED_CHOSEN_BITS: Final = 32
"""Bits of a random seed: enough to differ, short enough to type."""

RATE_MIN: Final = Fraction(1, 3_600)
"""Lowest target rate in rows per second: a row per hour."""
RATE_MAX: Final = 10_000_000
"""Highest target rate in rows per second. As fast as possible is not a rate."""
INT64_PRODUCT_MAX: Final = 1 << 62
"""Upper bound of products in 64-bit arithmetic."""

SCALE_MIN: Final = 0.001
SCALE_MAX: Final = 1_000
"""Factors for all rates of a scenario."""

INTERVAL_S: Final = 1.0
"""Default seconds between generations."""
INTERVAL_S_MIN: Final = Decimal("0.001")
INTERVAL_S_MAX: Final = Decimal(86_400)
"""A day."""
GENERATION_ROWS: Final = 1_000
"""Default rows per generation."""
GENERATION_ROWS_MAX: Final = 10_000_000
PARTITIONS_DEFAULT: Final = 4
"""Partitions of a new topic."""

BURST_ROWS_MAX: Final = 10_000_000
"""Rows of one burst, which are all due at once."""
RAMP_NS_MIN: Final = 1_000_000
RAMP_NS_MAX: Final = 7 * 86_400_000_000_000
"""Longest ramp, step, or period of a load profile: a week."""
PERIOD_NS_MIN: Final = 1_000_000_000

BLOCK_ROWS: Final = 16_384
"""Rows that are generated together: enough to amortize the calls per column, few enough for a
core's cache. Random values are addressed by block, so this never changes."""
ROW_INDEX_MAX: Final = 2**53 - 1
"""Largest integer that JSON readers represent exactly (RFC 8259, section 6)."""
TIMESTAMP_MAX_NS: Final = 2**63 - 1
"""2262-04-11, the last 64-bit nanosecond. Rows that are due later are an error."""

PORT_MAX: Final = 65_535
TOKEN_CHARACTERS_MAX: Final = 4_096
"""Of the API's bearer token, which is sent in one header; servers accept 8 KiB or more."""
RECORD_BATCH_HEADER_BYTES: Final = 61
"""Bytes of a Kafka record batch before its records (magic 2)."""
RECORD_BATCH_BYTES_MAX: Final = 1_048_588
"""Kafka's default of `message.max.bytes`: brokers reject batches that are larger, compressed."""
