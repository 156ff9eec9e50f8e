"""Numbers formatted with Grafana's units, and ticks of axes."""

from __future__ import annotations

import math
from typing import Final

THOUSANDS: Final = ("", " K", " Mil", " Bil")
DECIMAL_BYTES: Final = ("B", "kB", "MB", "GB", "TB")
BINARY_BYTES: Final = ("B", "KiB", "MiB", "GiB", "TiB")
AFTER: Final = {"rowsps": " rows/s", "recps": " rec/s", "short": "", "none": ""}
TICKS: Final = 5


def format_value(value: float, unit: str) -> str:
    """Return `value` as Grafana formats it in `unit`, with three significant digits."""
    if unit == "percentunit":
        return f"{_short(100 * value)}%"
    if unit == "s":
        return _seconds(value)
    if unit == "Bps":
        return _scaled(value, 1000, DECIMAL_BYTES, " ") + "/s"
    if unit == "bytes":
        return _scaled(value, 1024, BINARY_BYTES, " ")
    return _scaled(value, 1000, THOUSANDS, "") + AFTER[unit]


def ticks(top: float, base: int = 10) -> list[float]:
    """Return round numbers from 0 to `top` or the next one; powers of 2 for a `base` of 2."""
    rough = (top or 1.0) / TICKS
    if base == 2:
        step = 2.0 ** math.ceil(math.log2(rough))
    else:
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
    return [n * step for n in range(math.ceil((top or 1.0) / step - 1e-9) + 1)]


def decades(values: list[float]) -> list[float]:
    """Return the powers of ten that enclose `values`, all above 0; at least two."""
    low = math.floor(math.log10(min(values, default=0.1)))
    high = max(math.ceil(math.log10(max(values, default=1.0))), low + 1)
    return [10.0**n for n in range(low, high + 1)]


def _seconds(value: float) -> str:
    if value >= 60:
        return f"{_short(value / 60)} min"
    if value >= 1 or value == 0:
        return f"{_short(value)} s"
    return f"{_short(value * 1e3)} ms" if value >= 1e-3 else f"{_short(value * 1e6)} µs"


def _scaled(value: float, step: int, names: tuple[str, ...], space: str) -> str:
    size = 0
    while abs(value) >= step and size < len(names) - 1:
        value /= step
        size += 1
    return f"{_short(value)}{space}{names[size]}"


def _short(value: float) -> str:
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
