"""Numbers by distribution, as float64 before they are rounded into a type."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _of(module: str, name: str) -> Callable[..., Any]:
    """Return a function of a module, imported at the first call: it brings compiled kernels."""

    def drawn(*args: Any, **more: Any) -> Any:
        return getattr(import_module(f"gerador.values.distributions.{module}"), name)(*args, **more)

    return drawn


DRAWN: Final[Mapping[str, Callable[..., Any]]] = {
    "uniform": _of("uniform", "uniform_sampler"),
    "normal": _of("normal", "normal_sampler"),
    "lognormal": _of("normal", "lognormal_sampler"),
    "exponential": _of("exponential", "exponential_sampler"),
    "poisson": _of("poisson", "poisson_sampler"),
    "zipf": _of("zipf", "zipf_sampler"),
    "beta": _of("beta", "beta_sampler"),
    "triangular": _of("triangular", "triangular_sampler"),
    "loguniform": _of("loguniform", "loguniform_sampler"),
}
"""What draws a distribution, by its kind.

Each is called with a `Making`, a path and the declaration, and gives a `Parameter`: from (block,
at) to (items,) float64, one a position of `at`, from the words of the path alone. `half`, half a
step of what the numbers will be rounded to, widens a range that is cut out, so that its ends
come as often as any other step.
"""
