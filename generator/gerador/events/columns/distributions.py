"""Numbers by distribution, as float64 before they are rounded into a type."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from gerador.scenario.fields import (
    BetaField,
    ExponentialField,
    LognormalField,
    LoguniformField,
    NormalField,
    PoissonField,
    TriangularField,
    UniformField,
    ZipfField,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _of(module: str, name: str) -> Callable[..., Any]:
    """Return a function of a module, imported at the first call: it brings compiled kernels."""

    def drawn(*args: Any, **more: Any) -> Any:
        return getattr(import_module(f"gerador.events.columns.{module}"), name)(*args, **more)

    return drawn


DRAWN: Final[Mapping[type, Callable[..., Any]]] = {
    UniformField: _of("stepping", "uniform"),
    NormalField: _of("laws", "normal"),
    LognormalField: _of("laws", "lognormal"),
    ExponentialField: _of("laws", "exponential"),
    PoissonField: _of("tabled", "poisson"),
    ZipfField: _of("tabled", "zipf"),
    BetaField: _of("tabled", "beta"),
    TriangularField: _of("laws", "triangular"),
    LoguniformField: _of("laws", "loguniform"),
}
"""What draws a distribution, by the class of its declaration.

Each is called with a `Making`, a path and the declaration, and gives a `Parameter`: from (block,
at) to (items,) float64, one a position of `at`, from the words of the path alone. `half`, half a
step of what the numbers will be rounded to, widens a range that is cut out, so that its ends
come as often as any other step.
"""
