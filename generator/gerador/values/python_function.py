"""The Python generator: functions registered under the entry point group `gerador.values`."""

from __future__ import annotations

from contextlib import suppress
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
    """Values of a Python function that a package registers (entry point group `gerador.values`)."""

    types: ClassVar[frozenset[str]] = ALL_TYPES
    main_parameter: ClassVar[str | None] = "name"
    kind: Literal["python"] = "python"
    name: str
    """Name of the entry point."""
    args: dict[str, Any] = Field(default_factory=dict)
    """Keyword arguments of the function."""

    def default_type(self) -> Any:
        """Return string; `type` overrides it."""
        return "string"

    def column(self, context: BuildContext, target: ColumnTarget) -> PythonColumn:
        """Return the column of the function's values. Raises SettingError: as `load_function`."""
        function = load_function(self.name)
        bound = partial(function, **self.args) if self.args else function
        return PythonColumn(target.path, target.type, self.name, bound, value_cast(context, target))


ENTRY_POINT_GROUP: Final = "gerador.values"


@dataclass(frozen=True, slots=True)
class PythonColumn(BaseColumn):
    """Values of a registered function, cast to the field's type."""

    name: str
    function: Function
    accept: ValueCast

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) values.

        Raises DataError: the function failed, or did not return one value of the type per item.
        """
        generator = block.rng(self.path).generator()
        try:
            values = self.function(block.first_row + positions, generator)
        except (Exception, SystemExit) as e:  # a plugin may raise anything
            raise DataError(
                f"field {self.path!r}: python function {self.name!r} failed: "
                f"{type(e).__name__}: {e}",
                field=self.path,
            ) from e
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if not isinstance(values, pa.Array):
            raise DataError(
                f"field {self.path!r}: python function {self.name!r} returned "
                f"{type(values).__name__}; return a pyarrow array",
                field=self.path,
            )
        return self.accept(values, block, positions)


def load_function(name: str) -> Function:
    """Return the function that is registered under `name`.

    Raises SettingError: unknown name, failed import, or not a function.
    """
    found = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise SettingError(
            f"unknown python function {name!r}"
            f"{did_you_mean(name, found, f'registered under {ENTRY_POINT_GROUP!r}: {known}')}"
        )
    try:
        function = found[name].load()
    except (Exception, SystemExit) as e:  # an import may raise anything
        raise SettingError(
            f"python function {name!r}: {found[name].value} cannot be imported: {e}"
        ) from e
    if not callable(function):
        raise SettingError(f"python function {name!r}: {found[name].value} is not callable")
    with suppress(ImportError):  # the function may convert pandas objects, see `skip_pandas`
        pa.nulls(0).to_pandas()
    return function
