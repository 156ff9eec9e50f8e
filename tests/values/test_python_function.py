"""Functions of other packages: what they get, and what is made of what they return."""

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
    """Values stand at the rows that they were made for."""
    values = columns(tables(stream("plates", letter="Z")), "s", 16_380, 16_390)["v"]
    assert [v.split("-")[0] for v in values] == [f"Z{n}" for n in range(16_380, 16_390)]


def test_its_generator_is_the_address_s():
    """Any cut gives the same values; another field, seed or block has others."""
    assert_any_cut(stream("plates"), name="s")
    first = columns(tables(stream("plates")), "s", 0, 200)["v"]
    other = columns(tables(stream("plates"), seed=8), "s", 0, 200)["v"]
    assert sum(a == b for a, b in zip(first, other, strict=True)) < 20
    two = spec(
        "s", {"w": "string", "v": "string"}, dict.fromkeys("vw", PythonGenerator(name="plates"))
    )
    both = columns(tables(two), "s", 0, 200)
    assert both["v"] == first != both["w"]


def test_what_it_returns_is_cast():
    """Chunks and narrower numbers are taken."""
    assert columns(tables(stream("chunks", "long")), "s", 0, 9)["v"] == list(range(9))


def test_nulls_go_into_nullable_fields():
    """A function may leave values out where the field may."""
    made = spec("s", {"v": ["null", "long"]}, {"v": PythonGenerator(name="nulls", null=0.0)})
    assert columns(tables(made), "s", 0, 4)["v"] == [0, 1, None, 3]


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("short", "long", "field 'v': 2 values for 16384 rows; give one for each"),
        ("listed", "long", "field 'v': python function 'listed' returned list; return a pyarrow"),
        ("nulls", "long", "field 'v', row 2: null, and the schema allows none"),
        ("plates", "long", "field 'v': string does not go into int64"),
        ("failing", "long", "field 'v': python function 'failing' failed: ZeroDivisionError: by n"),
        ("ending", "long", "field 'v': python function 'ending' failed: SystemExit: enough"),
    ],
)
def test_what_it_may_not_return(name: str, kind: str, said: str):
    """Too few values, other types and nulls are errors of the data, by name."""
    with pytest.raises(DataError) as refused:
        tables(stream(name, kind)).get("s").rows(0, 5)
    assert str(refused.value).startswith(f"stream 's': {said}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("plate", "unknown python function 'plate'; did you mean 'plates'? Registered under 'gerador"),
        ("missing", "python function 'missing': test_plugins:missing cannot be imported"),
        ("LETTER", "python function 'LETTER': test_plugins:LETTER is not callable"),
    ],
)  # fmt: skip
def test_functions_that_are_not_there_are_refused(name: str, said: str):
    """An unknown name lists what there is; what cannot be imported says so."""
    with pytest.raises(SettingError) as refused:
        tables(stream(name)).get("s")
    assert str(refused.value).startswith(said)
