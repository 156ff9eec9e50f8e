"""Values are the same on every processor: no library function with inexact rounding is used."""

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
INEXACT = frozenset({
    "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "convolve", "correlate", "cos",
    "cosh", "dot", "einsum", "erf", "erfc", "exp", "exp2",
    "expm1", "float_power", "gamma", "hypot", "inner", "lgamma", "log", "log10", "log1p", "log2",
    "logaddexp", "matmul", "pow", "power", "sin", "sinh", "tan", "tanh", "tensordot", "vdot",
})  # fmt: skip
"""Functions without exact results in IEEE 754; `kernels.exp_log` replaces them."""
CHECKS = frozenset({
    "_interval", "_probability", "approximate_mean", "normal_probability", "poisson_probability",
})  # fmt: skip
"""Functions for validation and estimates only: their results are not part of values."""

GOLDEN: dict[str, list[float]] = {
    "exponential": [0.3934693402873666, 0.5654017914929218, 0.6885967760854024, 0.7768698398515702],
    "poisson": [0.28729749518364583, 0.5438131158833296, 0.757576133133066, 0.8911780189141514],
}


def calls(source: str) -> Iterator[str]:
    """Yield the uses of such functions of math or numpy, except in CHECKS."""
    nodes: list[ast.AST] = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef) and node.name in CHECKS:
            continue
        nodes += reversed(list(ast.iter_child_nodes(node)))
        if not (isinstance(node, ast.Attribute) and node.attr in INEXACT):
            continue
        if isinstance(node.value, ast.Name) and node.value.id in {"math", "np"}:
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("path", sorted(VALUES.rglob("*.py")), ids=lambda p: p.stem)
def test_no_inexact_function_is_used(path: Path):
    """No module of values uses a function whose last digit depends on the processor."""
    assert list(calls(path.read_text("utf-8"))) == []


def test_inexact_functions_are_found():
    """The check finds functions of both libraries."""
    assert list(calls("np.exp(x) + math.log(2) + math.sqrt(4)")) == ["np.exp", "math.log"]


def test_durations_are_golden():
    """Probabilities of durations are these doubles, to the last bit."""
    found = {
        "exponential": duration_probabilities(ExponentialDistribution(mean=3), 4),
        "poisson": duration_probabilities(PoissonDistribution(mean=2.5), 4),
    }
    assert {k: np.asarray(v).tolist() for k, v in found.items()} == GOLDEN
