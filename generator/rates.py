"""Rates as people write them: one grammar for variables, options and the API. No schedules."""

from __future__ import annotations

import math
import re
from typing import Final

from generator.limits import RATE_MAX, RATE_MIN

NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)([kM])?", re.ASCII)
"""A count in ones, thousands or millions."""
UNIT: Final = {"k": 1e3, "M": 1e6, None: 1.0}
FULL_SPEED: Final = "max"


def parse_rate(text: str) -> float:
    """Return rows per second from ``1000``, ``10k``, ``1.5M/s`` or ``max`` (infinity).

    Raises ValueError: another form, or out of range; its text says what is right.
    """
    text = text.strip()
    if text == FULL_SPEED:
        return math.inf
    match = NUMBER.fullmatch(text.removesuffix("/s"))
    if match is None:
        raise ValueError("a rate looks like 500, 10k, 1.5M or max, in rows per second")
    rate = round(float(match[1]) * UNIT[match[2]], 6)
    if not RATE_MIN <= rate <= RATE_MAX:
        raise ValueError(f"must be {RATE_MIN} to {RATE_MAX} rows per second, or max")
    return rate
