"""Integrates the stochastic network's two gradient fields around the loop."""

import numpy as np

import snn
from experiments import five_weights
from experiments.stochastic_loop_integral import StochasticLoopIntegral


def compute(config: StochasticLoopIntegral, seed: None) -> dict[str, np.ndarray]:
    """Running integrals (angle,) and curls at four points of a smaller circle (point,).

    Returns:
        ``angle``, and for ``expected_sg`` and ``exact``: ``..._running``, ``..._curl``.
    """
    base = np.array(config.base)
    plane = np.array(config.direction1), np.array(config.direction2)
    circle = snn.fields.circle(base, *plane, config.radius)
    inner = snn.fields.circle(base, *plane, config.curl_radius)
    angle = np.linspace(0, 2 * np.pi, config.n_angles)
    data = {"angle": angle, "beta": np.array(config.beta)}
    for name, estimator in {
        "expected_sg": snn.Expected(),
        "exact": snn.ExactEnumeration(),
    }.items():
        field = five_weights.field_of(estimator, config.beta)
        integral = snn.fields.line_integral(
            field, circle, 0.0, 2 * np.pi, at=angle[1:-1], tol=config.tolerance
        )
        data[f"{name}_running"] = np.interp(angle, integral.t, integral.running)
        data[f"{name}_curl"] = np.array(
            [snn.fields.curl(field, inner(a)[0], *plane).value for a in np.pi / 2 * np.arange(4)]
        )
    return data
