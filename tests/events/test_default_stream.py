"""The default stream `registros`: reproducible for any range, thread and process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import uuid
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.avro.arrow_types import arrow_schema
from gerador.errors import SettingError
from gerador.events.rows import ROWS_PER_CALL_MAX, StreamRows
from gerador.limits import BLOCK_ROWS, ROW_INDEX_MAX
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import MAX, PAUSED, TargetRate, constant_rate, generations_rate

START_NS = 1_767_225_600_000_000_000


def people(seed: int = 42, target_rate: TargetRate = MAX, **changed: Any) -> StreamRows:
    """Return new rows of the default stream."""
    return StreamRows(spec_for(**changed), seed, Schedule.starting(START_NS, target_rate))


@pytest.fixture(scope="module")
def shared_rows() -> StreamRows:
    """Rows that tests share; their caches have no visible effect."""
    return people()


def fingerprint(rows: pa.RecordBatch) -> str:
    """Return a hash of every value of the rows."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_batch(rows)
    return hashlib.sha256(sink.getvalue()).hexdigest()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 30_000), st.lists(st.integers(0, 6_000), max_size=5))
def test_rows_do_not_depend_on_the_range(shared_rows: StreamRows, a: int, steps: list[int]):
    """The rows of a range equal those of its parts, requested in any order."""
    bounds = np.cumsum([a, *steps]).tolist()
    pairs = list(pairwise(bounds))
    cuts = dict(reversed([(pair, shared_rows.rows(*pair)) for pair in reversed(pairs)]))
    whole = shared_rows.rows(bounds[0], bounds[-1])
    joined = pa.concat_batches([cuts[p] for p in pairs]) if pairs else whole
    assert joined.equals(whole)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 20_000), st.integers(0, 9_000))
def test_chunks_are_the_rows(shared_rows: StreamRows, a: int, count: int):
    """Chunks are consecutive, and contain the rows and their event times."""
    whole = shared_rows.rows(a, a + count)
    row, seen = a, []
    for chunk in shared_rows.chunks(a, a + count):
        assert chunk.first_row == row
        row += chunk.columns.num_rows
        seen += chunk.columns.to_pylist()
        stamps = chunk.columns["timestamp"].cast(pa.int64()).to_numpy()
        assert np.array_equal(stamps, chunk.event_time_ms)
    assert row == a + count
    assert seen == whole.to_pylist()


def test_another_process_generates_the_same_rows(shared_rows: StreamRows):
    """A process with another hash seed generates the same bytes."""
    program = "import test_default_stream as t; print(t.fingerprint(t.people().rows(4000, 4200)))"
    for hash_seed in ("1", "2"):
        paths = [os.path.dirname(__file__), *sys.path]  # noqa: PTH120
        result = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
        assert result.stdout.strip() == fingerprint(shared_rows.rows(4_000, 4_200))


def test_the_rows_are_golden(shared_rows: StreamRows):
    """The numbers of seed 42 never change; text may change with the version of Faker."""
    rows = shared_rows.rows(0, 5)
    assert rows["idade"].to_pylist() == [46, 23, 29, 44, 58]
    assert rows["salario"].to_pylist() == [12889.05, 12237.45, 13656.31, 12366.84, 11004.58]
    assert rows["geracao_id"][0].as_py() == "d0ba6f5b-8a8b-44b9-8a67-a2f5d46b63f5"


def test_rows_have_the_types_of_the_schema(shared_rows: StreamRows):
    """Rows have the plain types of the schema, also an empty range and a distant block."""
    expected = arrow_schema(shared_rows.spec.schema.root)
    assert shared_rows.rows(0, 10).schema == expected
    assert shared_rows.rows(7, 7).schema == expected
    far = people(target_rate=constant_rate(10_000_000)).rows(
        ROW_INDEX_MAX // 2**10, ROW_INDEX_MAX // 2**10 + 1
    )
    assert far.schema == expected
    shared_rows.rows(0, 5_000).validate(full=True)


def test_values_are_in_their_ranges(shared_rows: StreamRows):
    """Ages are 18 to 80, both included; salaries 1,000.00 to 15,000.00 in cents."""
    rows = shared_rows.rows(0, 100_000)
    ages = rows["idade"].to_numpy()
    assert set(ages.tolist()) == set(range(18, 81))
    salaries = rows["salario"].to_numpy()
    assert 1_000 <= salaries.min() < 1_001
    assert 14_999 < salaries.max() <= 15_000
    assert all(float(f"{s:.2f}") == s for s in salaries[:2_000].tolist())


def test_both_ends_of_the_salary_occur():
    """Both ends are included: a narrow range of cents has all of its values."""
    from gerador.values.distributions.uniform import UniformDistribution  # noqa: PLC0415

    narrow = {"salario": UniformDistribution(min=14_999.98, max=15_000, decimals=2)}
    values = people(fields=narrow).rows(0, 1_000)["salario"].unique().to_pylist()
    assert sorted(values) == [14_999.98, 14_999.99, 15_000.0]


def test_faker_pools_limit_distinct_values(shared_rows: StreamRows):
    """There are thousands of distinct names and hundreds of jobs, none of them empty."""
    rows = shared_rows.rows(0, 100_000)
    assert 6_000 < len(rows["nome"].unique()) <= 8_192
    assert 500 < len(rows["cidade"].unique()) <= 2_048
    assert 300 < len(rows["cargo"].unique()) <= 512
    assert "" not in rows["nome"].unique().to_pylist()


@pytest.mark.parametrize("size", [1, 7, 1_000, 4_096, 5_000])
def test_one_uuid_for_each_generation(size: int):
    """Rows share a geracao_id exactly when they share a generation, also across blocks."""
    stream = people(generation_rows=size)
    ids = stream.rows(0, 3 * BLOCK_ROWS)["geracao_id"].to_pylist()
    by_generation: dict[int, set[str]] = {}
    for row, generation_id in enumerate(ids):
        by_generation.setdefault(row // size, set()).add(generation_id)
    assert all(len(found) == 1 for found in by_generation.values())
    assert len(set(ids)) == len(by_generation)
    parsed = uuid.UUID(ids[0])
    assert (str(parsed), parsed.version, parsed.variant) == (ids[0], 4, uuid.RFC_4122)


def test_seeds_change_all_random_fields():
    """Another seed has other values in every random field."""
    one, other = people(1).rows(0, 50), people(2).rows(0, 50)
    for name in ("nome", "idade", "salario", "cidade", "cargo", "geracao_id"):
        assert not one[name].equals(other[name])


def test_a_live_change_leaves_earlier_rows_alone():
    """After a rate change earlier rows are the same and later ones have new event times."""
    stream = people(target_rate=constant_rate(1_000))
    before = stream.rows(0, 5_000)
    changed = stream.schedule.with_rate_from(3_000, START_NS + 3_000_000_000, PAUSED)
    stream.reschedule(
        changed.with_rate_from(3_000, START_NS + 60_000_000_000, constant_rate(1_000))
    )
    after = stream.rows(0, 5_000)
    assert after.slice(0, 3_000).equals(before.slice(0, 3_000))
    stamps = after["timestamp"].cast(pa.int64()).to_numpy()
    assert stamps[3_000] - stamps[2_999] == 57_001
    assert after.drop_columns(["timestamp"]).equals(before.drop_columns(["timestamp"]))


def test_event_time_follows_generations():
    """With generations every second, all rows of one share a timestamp."""
    stamps = (
        people(target_rate=generations_rate(1_000, 1)).rows(0, 3_000)["timestamp"].cast(pa.int64())
    )
    assert stamps.unique().to_pylist() == [START_NS // 1_000_000 + s * 1_000 for s in range(3)]


def test_rows_are_thread_safe():
    """Several threads that read at once get the same rows as one alone."""
    stream, expected = people(), people().rows(0, 40_000)
    seen: list[bool] = []

    def read(first: int) -> None:
        for a in range(first, 40_000, 1_000):
            rows = stream.rows(a, a + 250)
            seen.append(rows.equals(expected.slice(a, 250)))

    threads = [threading.Thread(target=read, args=(k * 250,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) >= 150
    assert all(seen)


def test_pandas_and_polars_convert_the_rows(shared_rows: StreamRows):
    """Pandas and Polars convert the rows without changes."""
    rows = shared_rows.rows(0, 100)
    assert rows.to_pandas()["idade"].tolist() == rows["idade"].to_pylist()
    assert pl.from_arrow(rows)["nome"].to_list() == rows["nome"].to_pylist()


@pytest.mark.parametrize(
    ("a", "b"), [(-1, 2), (3, 2), (0, ROWS_PER_CALL_MAX + 1), (0, ROW_INDEX_MAX + 2)]
)
def test_invalid_ranges_are_rejected(shared_rows: StreamRows, a: int, b: int):
    """An invalid range is an error with one line that names it."""
    with pytest.raises(SettingError, match=f"rows {a} to {b}"):
        shared_rows.rows(a, b)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seeds_out_of_range_are_rejected(seed: int):
    """A seed is an integer of 63 bits."""
    with pytest.raises(SettingError, match=f"seed {seed}"):
        people(seed)
