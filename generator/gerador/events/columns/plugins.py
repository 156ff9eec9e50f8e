"""Columns of functions that other packages register: row indices and a generator, to an array.

A package names its function under the entry point group `gerador.values`. It gets the indices of
the rows, ``(items,) int64``, and a numpy generator that is seeded by the field's address and the
block, and returns a pyarrow array of as many values. It must depend on nothing else: then the
rows are the same for any cut, as all others are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa

from gerador.errors import DataError, SettingError, did_you_mean
from gerador.events.columns.accepted import Accepting, accepting
from gerador.events.columns.column import Leaf, Positions
from gerador.scenario.fields import PythonField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.events.block import Block
    from gerador.events.columns.making import Make, Making, Place

    Function: TypeAlias = "Callable[..., Any]"

GROUP: Final = "gerador.values"


@dataclass(frozen=True, slots=True)
class Registered(Leaf):
    """Values of a registered function, checked."""

    name: str
    function: Function
    accept: Accepting

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) values.

        Raises DataError: the function failed, or returned no array of as many values of the type.
        """
        generator = block.draws(self.path).generator()
        try:
            values = self.function(block.first_row + at, generator)
        except (Exception, SystemExit) as e:  # whatever a function of somebody else's raises
            raise DataError(
                f"field {self.path!r}: python function {self.name!r} failed: "
                f"{type(e).__name__}: {e}"
            ) from e
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if not isinstance(values, pa.Array):
            raise DataError(
                f"field {self.path!r}: python function {self.name!r} returned "
                f"{type(values).__name__}; return a pyarrow array"
            )
        return self.accept(values, block, at)


def registered(name: str) -> Function:
    """Return the function that some package registered under `name`.

    Raises SettingError: there is none, or it cannot be imported; says which there are.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise SettingError(
            f"no python function {name!r}{did_you_mean(name, found)}; "
            f"registered under {GROUP!r}: {known}"
        )
    try:
        function = found[name].load()
    except (Exception, SystemExit) as e:  # an import runs whatever the package's module does
        raise SettingError(
            f"python function {name!r}: {found[name].value} cannot be imported: {e}"
        ) from e
    if not callable(function):
        raise SettingError(f"python function {name!r}: {found[name].value} is no function")
    return function


def _registered(making: Making, place: Place, declared: PythonField) -> Registered:
    function = registered(declared.name)
    bound = partial(function, **declared.args) if declared.args else function
    return Registered(place.path, place.type, declared.name, bound, accepting(making, place))


MAKERS: Final[Mapping[type, Make]] = {PythonField: _registered}
