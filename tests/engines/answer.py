"""The answer key: the aggregate per city and minute over the regenerated rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTE: Final = timedelta(minutes=1)
CENTS_OFF_MAX: Final = 0.001
"""How far a mean times its count may be from a whole number of cents.

A mean of doubles depends on the order in which they were added, which no engine promises; the sum
in whole cents does not, since `salario` has two decimals. Adding n doubles is off by at most
n * 2**-53 of the sum: for the largest city here (700 rows, 10**7 in all) by 10**-4 cents.
"""


class Window(NamedTuple):
    """A row of the aggregate, as an engine gave it."""

    start: datetime
    end: datetime
    cidade: str
    records: int
    mean_salario: float


Key = tuple[datetime, str]


def answer_key(rows: Iterable[pa.RecordBatch]) -> dict[Key, tuple[int, int]]:
    """Return records and the sum of salaries in cents, by minute and city."""
    table = pa.Table.from_batches(rows)
    cents = pc.cast(pc.round(pc.multiply(table["salario"], 100.0)), pa.int64())
    columns = {
        "start": pc.floor_temporal(table["timestamp"], unit="minute"),
        "cidade": table["cidade"].cast(pa.string()),
        "cents": cents,
    }
    grouped = pa.table(columns).group_by(["start", "cidade"])
    found = grouped.aggregate([("cents", "count"), ("cents", "sum")]).to_pylist()
    return {(w["start"], w["cidade"]): (w["cents_count"], w["cents_sum"]) for w in found}


def assert_equal(windows: Iterable[Window], expected: dict[Key, tuple[int, int]]) -> None:
    """Fail unless the windows are those of the answer key: no fewer, no more, none twice."""
    windows = list(windows)
    counted = {(w.start, w.cidade): w.records for w in windows}
    assert len(counted) == len(windows), "a window was emitted twice"
    assert counted == {key: records for key, (records, _) in expected.items()}
    for w in windows:
        assert w.end == w.start + MINUTE
        cents = expected[w.start, w.cidade][1]
        assert abs(w.mean_salario * w.records * 100 - cents) < CENTS_OFF_MAX, w
