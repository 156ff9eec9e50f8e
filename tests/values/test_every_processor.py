"""Values are the same on every processor: nothing here asks a library that rounds as it likes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import gerador.values
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.state_durations import duration_probabilities

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES = Path(gerador.values.__file__).parent
FREE = frozenset({
    "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "convolve", "correlate", "cos",
    "cosh", "dot", "einsum", "erf", "erfc", "exp", "exp2",
    "expm1", "float_power", "gamma", "hypot", "inner", "lgamma", "log", "log10", "log1p", "log2",
    "logaddexp", "matmul", "pow", "power", "sin", "sinh", "tan", "tanh", "tensordot", "vdot",
})  # fmt: skip
"""Functions of which IEEE 754 asks no exact result; `kernels.elementary` has ours."""

GOLDEN: dict[str, list[float]] = {
    "exponential": [0.3934693402873666, 0.5654017914929218, 0.6885967760854024, 0.7768698398515702],
    "poisson": [0.28729749518364583, 0.5438131158833296, 0.757576133133066, 0.8911780189141514],
}


def calls(source: str) -> Iterator[str]:
    """Yield the calls of such a function of math's or of numpy's."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Attribute) and node.attr in FREE):
            continue
        if isinstance(node.value, ast.Name) and node.value.id in {"math", "np"}:
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("path", sorted(VALUES.rglob("*.py")), ids=lambda p: p.stem)
def test_no_library_rounds_for_us(path: Path):
    """No module that makes rows calls a function whose last digit hangs on the processor."""
    assert list(calls(path.read_text("utf-8"))) == []


def test_a_planted_call_is_found():
    """The look above sees calls of both libraries."""
    assert list(calls("np.exp(x) + math.log(2) + math.sqrt(4)")) == ["np.exp", "math.log"]


def test_stays_are_golden():
    """Shares of stays are these doubles, to the last bit."""
    found = {
        "exponential": duration_probabilities(ExponentialDistribution(mean=3), 4),
        "poisson": duration_probabilities(PoissonDistribution(mean=2.5), 4),
    }
    assert {k: np.asarray(v).tolist() for k, v in found.items()} == GOLDEN
