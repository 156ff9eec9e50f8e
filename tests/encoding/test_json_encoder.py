"""JSON values are equal to the JSON of GET /dados, for any schema and any slices."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic_core import to_json

from gerador.api.row_writers import write_ndjson
from gerador.encoding.json_text.encoder import object_encoder
from gerador.encoding.row_encoder import RowEncoder
from gerador.errors import DataError
from tests.api.any_rows import AS_JSON, SCHEMA, any_rows
from tests.encoding.avro_cases import Case, cases, record_batch
from tests.encoding.slicing_properties import assert_any_cut, assert_any_positions
from tests.encoding.test_avro_encoder import schema_of

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def encoder(case: Case) -> RowEncoder:
    """Return the encoder of a case's rows."""
    return RowEncoder(object_encoder(case.schema.root))


def one_column(avro_type: Any, column: pa.Array) -> list[str]:
    """Return the texts of one column, alone in a record."""
    batch = pa.RecordBatch.from_arrays([column], names=["f"])
    rows = RowEncoder(object_encoder(schema_of(("f", avro_type)).root)).encode(batch)
    return [row.decode().removeprefix('{"f":').removesuffix("}") for row in rows]


@SLOW
@given(cases())
def test_any_row_is_equal_to_dados(case: Case) -> None:
    """For any schema, the JSON value of a record is the object of /dados."""
    rows = record_batch(case)
    shown = b"".join(write_ndjson(rows, case.schema.root)).splitlines()
    assert [json.loads(r) for r in encoder(case).encode(rows)] == [json.loads(s) for s in shown]


def test_every_type_is_written_as_documented() -> None:
    """Records have the forms that are documented for /dados."""
    rows = RowEncoder(object_encoder(SCHEMA.root)).encode(any_rows())
    assert [json.loads(row) for row in rows] == AS_JSON


@SLOW
@given(cases(), st.data())
def test_a_slice_gives_the_same_text(case: Case, data: st.DataObject) -> None:
    """Rows of an Arrow slice have the same bytes as in the whole batch."""
    assert_any_cut(encoder(case), record_batch(case), data)


@SLOW
@given(cases(), st.randoms(use_true_random=False))
def test_rows_can_be_written_at_any_positions(case: Case, shuffle: Any) -> None:
    """Rows at shuffled positions, without gaps, do not overwrite each other."""
    assert_any_positions(encoder(case), record_batch(case), shuffle)


@given(hnp.arrays(np.float64, st.integers(0, 20), elements=st.floats(allow_nan=False)))
@example(np.array([0.0, -0.0, 1e15, 999999999999999.0, 0.1, 1e-7, 5e-324, 2.0**53]))
def test_doubles_read_back_bit_for_bit(values: np.ndarray) -> None:
    """The text of any double reads back as the same double, with the sign of zero."""
    texts = one_column("double", pa.array(values))
    finite = [t for t, v in zip(texts, values, strict=True) if math.isfinite(v)]
    assert [repr(float(t)) for t in finite] == [
        repr(v) for v in values[np.isfinite(values)].tolist()
    ]


@given(st.lists(st.decimals(-(10**8), 10**8, places=3).map(float), max_size=30))
def test_doubles_of_few_decimals_are_as_short_as_in_python(values: list[float]) -> None:
    """Rounded numbers have at most as many decimals as they were rounded to."""
    texts = one_column("double", pa.array(values, pa.float64()))
    assert texts == [to_json(v).decode() for v in values]


def test_non_finite_numbers_are_text() -> None:
    """NaN and the infinities are text, next to numbers written by the kernel and by Arrow."""
    values = pa.array([float("nan"), 1.5, float("inf"), -float("inf"), math.pi])
    expected = ['"NaN"', "1.5", '"Infinity"', '"-Infinity"', repr(math.pi)]
    assert one_column("double", values) == expected
    assert one_column("double", values.dictionary_encode()) == expected


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
@example([0, 9, 10, 99, 100, -1, 2**63 - 1, -(2**63), 10**18, 10**18 - 1])
def test_whole_numbers_are_their_digits(values: list[int]) -> None:
    """Any long is written as Python writes it."""
    assert one_column("long", pa.array(values, pa.int64())) == [str(v) for v in values]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=8))
@example(["".join(map(chr, range(300))), "plain", ""])
def test_texts_are_escaped_as_in_dados(texts: list[str]) -> None:
    """Only quotes, backslashes and control characters are escaped."""
    column = pa.array(texts, pa.string())
    expected = [to_json(t).decode() for t in texts]
    assert one_column("string", column) == expected
    assert one_column("string", column.cast(pa.large_string())) == expected
    assert one_column("string", column.dictionary_encode()) == expected


@pytest.mark.parametrize("unit", ["millis", "micros"])
@pytest.mark.parametrize("year", [-400, 0, 9999, 12000])
def test_years_of_more_than_four_digits(unit: str, year: int) -> None:
    """A column with a year before 0 or after 9999 is written as in /dados."""
    schema = schema_of(("f", {"type": "long", "logicalType": f"timestamp-{unit}"}))
    per_year = 31_556_952 * (1_000 if unit == "millis" else 1_000_000)
    kind = pa.timestamp("ms" if unit == "millis" else "us", "UTC")
    rows = pa.RecordBatch.from_arrays([pa.array([0, (year - 1970) * per_year], kind)], names=["f"])
    shown = b"".join(write_ndjson(rows, schema.root)).splitlines()
    assert list(RowEncoder(object_encoder(schema.root)).encode(rows)) == shown


@pytest.mark.parametrize(
    ("avro_type", "column", "message"),
    [
        ("int", pa.array([1.5]), "Arrow type double where the schema needs int32"),
        ("int", pa.array([1, None], pa.int32()), "row 1: null is not allowed"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, pa.array(["B"]), "'B' is not a symbol"),
    ],
)
def test_values_that_do_not_fit(avro_type: Any, column: pa.Array, message: str) -> None:
    """Errors for a wrong type, a null and an unknown symbol are the same as in Avro."""
    with pytest.raises(DataError, match=message):
        one_column(avro_type, column)
