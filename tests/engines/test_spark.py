"""Spark on a topic that `gerador run` filled: the jobs of deploy/spark against the answer key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.engines.answer import Window, assert_equal
from tests.engines.conftest import ROWS_JOB

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.engines.answer import Key
    from tests.engines.conftest import Filled

TYPES: Final = (
    "struct<nome:string,idade:int,salario:double,cidade:string,cargo:string,"
    "timestamp:timestamp,geracao_id:string>"
)


def windows(folder: Path) -> list[Window]:
    """Read what a job wrote."""
    found = pq.read_table(folder).to_pylist()
    names = ("window_start", "window_end", "cidade", "records", "mean_salario")
    return [Window(*(row[name] for name in names)) for row in found]


def last_minute(answer: dict[Key, tuple[int, int]]) -> datetime:
    """Return the start of the newest window."""
    return max(start for start, _ in answer)


def test_the_stream_has_every_window_that_is_over(
    filled: Filled, answer: dict[Key, tuple[int, int]], tmp_path: Path
):
    """In append mode each closed window comes once and right, over several micro-batches."""
    out = tmp_path / "out"
    wanted = ["--available-now", "--batch-records", "30000", "--output", str(out)]
    filled.run("spark/local_spark.py", "stream.py", *wanted)
    # The window of the newest row is open: no later row has pushed the watermark over its end.
    over = {key: value for key, value in answer.items() if key[0] < last_minute(answer)}
    assert len(over) == len(answer) - 1
    assert_equal(windows(out), over)


def test_the_batch_has_every_window(
    filled: Filled, answer: dict[Key, tuple[int, int]], tmp_path: Path
):
    """The batch job gives all windows, the open ones too."""
    out = tmp_path / "out"
    filled.run("spark/local_spark.py", "batch.py", "--output", str(out))
    assert_equal(windows(out), answer)


def test_every_row_arrives_with_the_right_types(
    filled: Filled, rows: list[pa.RecordBatch], tmp_path: Path
):
    """With only the registry's schema, every field of every row equals the generated one."""
    out = tmp_path / "out"
    output = filled.run("spark/local_spark.py", ROWS_JOB, "--output", str(out))
    assert output.split() == [TYPES]
    found = pq.read_table(out)
    found = found.take(pc.sort_indices(found["timestamp"]))  # no two rows have the same
    made = pa.Table.from_batches(rows)
    assert found.equals(made.cast(found.schema))
