"""Values of Python functions that other packages register under the entry point group `gerador.values`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import pyarrow as pa
from pydantic import Field

from gerador.errors import DataError, SettingError, did_you_mean
from gerador.values.casting import ValueCast, value_cast
from gerador.values.column import BaseColumn, Positions
from gerador.values.declaration import ALL_TYPES, ValueGenerator

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gerador.values.column import Block, BuildContext, ColumnTarget

    Function: TypeAlias = "Callable[..., Any]"


class PythonGenerator(ValueGenerator):
    """Values of a Python function that a package registered (entry point group `gerador.values`).

    `args` are passed on to it.
    """

    suits: ClassVar[frozenset[str]] = ALL_TYPES
    main: ClassVar[str | None] = "name"
    kind: Literal["python"] = "python"
    name: str
    """Name under which a package registered the function."""
    args: dict[str, Any] = Field(default_factory=dict)
    """Keyword arguments of the function."""

    def natural_type(self) -> Any:
        """Return string; another type is said by `type`."""
        return "string"


ENTRY_POINT_GROUP: Final = "gerador.values"


@dataclass(frozen=True, slots=True)
class PythonColumn(BaseColumn):
    """Values of a registered function, checked."""

    name: str
    function: Function
    accept: ValueCast

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


def load_function(name: str) -> Function:
    """Return the function that some package registered under `name`.

    Raises SettingError: there is none, or it cannot be imported; says which there are.
    """
    found = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise SettingError(
            f"no python function {name!r}{did_you_mean(name, found)}; "
            f"registered under {ENTRY_POINT_GROUP!r}: {known}"
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


def python_column(
    making: BuildContext, place: ColumnTarget, declared: PythonGenerator
) -> PythonColumn:
    function = load_function(declared.name)
    bound = partial(function, **declared.args) if declared.args else function
    return PythonColumn(place.path, place.type, declared.name, bound, value_cast(making, place))
