"""Python functions of plugins: their arguments, and how returned values are cast."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from gerador.errors import DataError, SettingError
from gerador.values import python_function
from gerador.values.python_function import ENTRY_POINT_GROUP, PythonGenerator
from tests.values.generated_streams import assert_any_cut, columns, spec, tables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def plates(rows: NDArray[np.int64], generator: np.random.Generator, *, letter: str = "A") -> Any:
    """Return licence plates: a letter, the row's number, two random digits."""
    digits = generator.integers(0, 100, len(rows))
    return pa.array([f"{letter}{n}-{d:02d}" for n, d in zip(rows, digits, strict=True)])


def short(_rows: Any, _generator: Any) -> Any:
    """Return too few values."""
    return pa.array([1, 2])


def listed(_rows: Any, _generator: Any) -> Any:
    """Return no Arrow array."""
    return [1]


def nulls(rows: NDArray[np.int64], _generator: Any) -> Any:
    """Return nulls at rows of three."""
    return pa.array([None if n % 3 == 2 else int(n) for n in rows])


def failing(_rows: Any, _generator: Any) -> Any:
    """Raise."""
    raise ZeroDivisionError("by nothing")


def ending(_rows: Any, _generator: Any) -> Any:
    """Try to end the process."""
    sys.exit("enough")


def chunks(rows: NDArray[np.int64], _generator: Any) -> Any:
    """Return an array in chunks, of another width."""
    return pa.chunked_array([pa.array(rows[:5], pa.int32()), pa.array(rows[5:], pa.int32())])


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register this file's functions as if a package had."""
    names = (
        "plates", "short", "listed", "nulls", "failing", "ending", "chunks", "missing", "LETTER"
    )  # fmt: skip
    points = EntryPoints(EntryPoint(n, f"{__name__}:{n}", ENTRY_POINT_GROUP) for n in names)
    monkeypatch.setattr(
        python_function, "entry_points", lambda *, group: points.select(group=group)
    )


LETTER = "A"


def stream(name: str, kind: Any = "string", **args: Any) -> Any:
    """Return a stream with a field that a function fills."""
    return spec("s", {"v": kind}, {"v": PythonGenerator(name=name, args=args)})


def test_a_function_gets_row_indices_and_arguments():
    """Values are at the rows that they were generated for."""
    values = columns(tables(stream("plates", letter="Z")), "s", 16_380, 16_390)["v"]
    assert [v.split("-")[0] for v in values] == [f"Z{n}" for n in range(16_380, 16_390)]


def test_generator_depends_on_the_address():
    """Slices do not change values; other fields, seeds and blocks have other values."""
    assert_any_cut(stream("plates"), name="s")
    first = columns(tables(stream("plates")), "s", 0, 200)["v"]
    other = columns(tables(stream("plates"), seed=8), "s", 0, 200)["v"]
    assert sum(a == b for a, b in zip(first, other, strict=True)) < 20
    two = spec(
        "s", {"w": "string", "v": "string"}, dict.fromkeys("vw", PythonGenerator(name="plates"))
    )
    both = columns(tables(two), "s", 0, 200)
    assert both["v"] == first != both["w"]


def test_returned_values_are_cast():
    """Chunked arrays and narrower numbers are accepted."""
    assert columns(tables(stream("chunks", "long")), "s", 0, 9)["v"] == list(range(9))


def test_nulls_in_nullable_fields():
    """A function may return nulls for a nullable field."""
    made = spec("s", {"v": ["null", "long"]}, {"v": PythonGenerator(name="nulls", null=0.0)})
    assert columns(tables(made), "s", 0, 4)["v"] == [0, 1, None, 3]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("short", "long", "field 'v': 2 values for 16384 rows; return one value per row"),
        ("listed", "long", "field 'v': python function 'listed' returned list; return a pyarrow"),
        ("nulls", "long", "field 'v', row 2: null in a field that is not nullable"),
        ("plates", "long", "field 'v': cannot cast string to int64"),
        ("failing", "long", "field 'v': python function 'failing' failed: ZeroDivisionError: by n"),
        ("ending", "long", "field 'v': python function 'ending' failed: SystemExit: enough"),
    ],
)
def test_invalid_return_values_are_rejected(name: str, kind: str, message: str):
    """Too few values, other types and nulls are data errors that name the function."""
    with pytest.raises(DataError) as error:
        tables(stream(name, kind)).rows_of("s").rows(0, 5)
    assert str(error.value).startswith(f"stream 's': {message}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("plate", "unknown python function 'plate'; did you mean 'plates'? Registered under '"),
        ("missing", f"python function 'missing': {__name__}:missing cannot be imported"),
        ("LETTER", f"python function 'LETTER': {__name__}:LETTER is not callable"),
    ],
)  # fmt: skip
def test_unknown_functions_are_rejected(name: str, message: str):
    """The error lists the registered functions, or has the reason of a failed import."""
    with pytest.raises(SettingError) as error:
        tables(stream(name)).rows_of("s")
    assert str(error.value).startswith(message)
