"""Kernels against functions of Python's library."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.values.distributions.beta import _quantile_table
from gerador.values.distributions.gamma import _quantile_table as gamma_quantile_table
from gerador.values.kernels.exp_log import exponentials, logarithms
from gerador.values.kernels.gamma import gamma_probabilities, interpolate_logs
from gerador.values.kernels.normal_exponential_quantiles import (
    exponential_quantiles,
    normal_quantiles,
)


def of(kernel: object, value: float) -> float:
    """Return a kernel's result for one value."""
    out = np.empty(1)
    kernel(np.array([value]), out)  # type: ignore[operator]
    return float(out[0])


@given(st.floats(1e-300, 1e300))
def test_logarithms(x: float):
    """Results are within two units in the last place of the C library."""
    assert math.isclose(of(logarithms, x), math.log(x), rel_tol=4.5e-16, abs_tol=1e-300)


@given(st.floats(-699, 709))
def test_exponentials(x: float):
    """Results are within two units in the last place of the C library."""
    assert math.isclose(of(exponentials, x), math.exp(x), rel_tol=4.5e-16)


def test_exponentials_are_limited():
    """Results are finite, and 0 below the smallest normal numbers."""
    assert of(exponentials, 1e9) == 1.7976931348623157e308
    assert of(exponentials, -1e9) == 0.0
    assert of(exponentials, 0.0) == 1.0


@given(st.integers(0, 2**52 - 1))
def test_quantiles(part: int):
    """Quantiles equal the standard library's normal quantile and the exponential formula."""
    u = (part + 0.5) / 2**52
    expected = statistics.NormalDist().inv_cdf(u)
    assert math.isclose(of(normal_quantiles, u), expected, rel_tol=1e-13, abs_tol=1e-15)
    assert math.isclose(of(exponential_quantiles, u), -math.log1p(-u), rel_tol=1e-15)


@pytest.mark.parametrize("shape", [0.01, 0.1, 0.5, 1, 2.5, 30, 1_000])
def test_gamma_quantiles(shape: float):
    """Quantiles increase, and their probabilities are the units, in both tails."""
    knots, slopes = gamma_quantile_table(shape)
    assert (np.diff(knots) > 0).all()
    assert (slopes > 0).all()
    units = np.array([1e-12, 1e-4, 0.1, 0.5, 0.9, 0.9999, 1 - 1e-12])
    quantiles, below, above = np.empty(7), np.empty(7), np.empty(7)
    interpolate_logs(units, knots, slopes, quantiles)
    gamma_probabilities(shape, np.maximum(quantiles, 1e-300), below, above)
    is_normal = quantiles > 1e-290
    assert np.allclose(below[is_normal], units[is_normal], rtol=1e-9, atol=0)
    assert np.allclose(above[is_normal], (1 - units)[is_normal], rtol=1e-9, atol=0)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (2, 3), (0.5, 0.5), (50, 50), (1000, 1000), (0.1, 9)])
def test_beta_quantiles_increase(a: float, b: float):
    """Quantiles increase from 0 to 1 with slopes of 0 or more; Beta(b, a) mirrors them."""
    knots, slopes = _quantile_table(a, b)
    assert (np.diff(knots) >= -1e-15).all()
    assert 0 <= knots[0] <= knots[-1] <= 1
    assert (slopes >= 0).all()
    assert np.allclose(1 - _quantile_table(b, a)[0][::-1], knots, atol=1e-12)
