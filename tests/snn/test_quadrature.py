"""Integrals and their errors are those of QUADPACK's QK21, which SciPy wraps."""

import numpy as np
import pytest
from scipy.integrate import quad

from snn.quadrature import gauss_kronrod, points

INTEGRANDS = {
    "smooth": lambda t: np.exp(-20 * t) * np.cos(30 * t),
    "kink": lambda t: np.abs(t - 0.3),
    "jump": lambda t: 1.0 * (t > 0.4),
    "polynomial": lambda t: t**9 - 2 * t + 1,
}


@pytest.mark.parametrize("name", INTEGRANDS)
def test_one_interval_is_that_of_quadpack(name):
    f, low, high = INTEGRANDS[name], np.array([0.0]), np.array([1.5])
    value, error = gauss_kronrod(low, high, f(points(low, high)))
    expected, bound, *_ = quad(f, 0.0, 1.5, limit=1, full_output=1)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    np.testing.assert_allclose(error, bound, rtol=1e-6)
