"""Rows of declared fields, and bounds of counts for a probability."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gerador.avro.load import parse_avro
from gerador.events.rows import StreamRows
from gerador.scenario.stream_spec import StreamSpec
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values import AnyGenerator

START_NS = 1_767_225_600_000_000_000
ERROR = 1e-9
"""Probability that a correct count is rejected."""


def decimal(precision: int, scale: int) -> dict[str, Any]:
    """Return a decimal type on bytes."""
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def schema_of(types: Mapping[str, Any]) -> Any:
    """Return a record schema with fields of these types."""
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    return parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))


def table(
    types: Mapping[str, Any],
    fields: Mapping[str, AnyGenerator],
    rows: int | None = None,
    seed: int = 7,
) -> StreamRows:
    """Return the table of a stream with fields of these types and declarations."""
    spec = StreamSpec(name="s", topic="s", schema=schema_of(types), fields=dict(fields), rows=rows)
    return StreamRows(spec, seed, Schedule.starting(START_NS, constant_rate(1_000)))


def column(declared: AnyGenerator, kind: Any = "double", rows: int = 50_000) -> Any:
    """Return the first values of a field, as an Arrow array."""
    return table({"x": kind}, {"x": declared}).rows(0, rows)["x"]


def bounds(n: int, share: float) -> tuple[int, int]:
    """Return the bounds of counts of `n` samples but for ERROR, by exact binomials."""
    if share <= 0 or share >= 1:
        return (0, 0) if share <= 0 else (n, n)
    reach = int(8 * math.sqrt(n * share * (1 - share))) + 60
    k = np.arange(max(0, int(n * share) - reach), min(n, int(n * share) + reach) + 1)
    logs = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in k.tolist()]
    shares = np.exp(np.array(logs) + k * math.log(share) + (n - k) * math.log1p(-share))
    below = np.cumsum(shares)
    low = int(k[np.searchsorted(below, ERROR / 2)])
    high = int(k[min(np.searchsorted(below, 1 - ERROR / 2), len(k) - 1)])
    return low, high


def assert_share(found: int, n: int, share: float, what: object = "") -> None:
    """Assert that a count of `n` samples has the probability `share`."""
    low, high = bounds(n, min(max(share, 0.0), 1.0))
    assert low <= found <= high, f"{what}: {found} of {n} is outside [{low}, {high}]"
