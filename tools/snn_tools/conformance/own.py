"""The spike functions of this package, with what docs/surrogate_derivatives.md claims of them."""

from collections.abc import Callable

import jax
import numpy as np
from scipy.special import ndtr

import snn
from snn.shapes import SHAPES
from snn_tools.conformance.forms import Form
from snn_tools.conformance.jax_adapter import JaxFunction
from snn_tools.conformance.subject import Claim, Subject
from snn_tools.rosetta.entry import at

SOURCE = "docs/surrogate_derivatives.md"


def _step(derivative: snn.surrogate.SurrogateDerivative, form: Form) -> Subject:
    """Return a deterministic spike with one of `snn.surrogate`."""
    return Subject(
        type(derivative).__name__,
        JaxFunction(lambda v: snn.spike(v, derivative)),
        Claim(form, at_threshold=0.0, source=SOURCE),
        f"lambda v: snn.spike(v, snn.surrogate.{derivative})",
        "snn",
    )


def _drawn(
    escape: snn.escape.EscapeNoise,
    density: Callable[[np.ndarray], np.ndarray],
    probability: Callable[[np.ndarray], np.ndarray],
) -> Subject:
    """Return a spike drawn from escape noise, with the matched derivative."""

    def spike(v: jax.Array, key: jax.Array) -> jax.Array:
        xi = jax.random.uniform(key, v.shape, v.dtype)
        return snn.Spike()(escape, v, xi)

    return Subject(
        f"Matched, {type(escape).__name__}",
        JaxFunction(spike, random=True),
        Claim(density, probability=probability, source="docs/escape_noise.md"),
    )


SPIKE_FUNCTIONS = [
    *(
        _step(shape.make(), Form(shape.form, at(shape.steepness, p), at(shape.peak, p)))
        for shape in SHAPES.values()
        for _, p in [shape.parameter]
    ),
    _step(snn.surrogate.MultilayerSpiker(0.133), Form("relu", 1.0, 1 / 0.133)),
    _step(snn.surrogate.Zero(), Form("constant", 1.0, 0.0)),
    _drawn(
        snn.escape.Sigmoid(10.0),
        Form("sigmoid", 10.0, 2.5),
        lambda v: 0.5 * (1 + np.tanh(5 * v)),
    ),
    _drawn(
        snn.escape.SuperSpike(10.0),
        Form("superspike", 10.0, 5.0),
        lambda v: 0.5 * (1 + 10 * v / (1 + 10 * np.abs(v))),
    ),
    _drawn(
        snn.escape.Gaussian(0.1),
        Form("gaussian", 10.0, 10 / np.sqrt(2 * np.pi)),
        lambda v: ndtr(v / 0.1),
    ),
]
"""Steps with each of `snn.surrogate`, and spikes drawn from escape noise with the matched one."""
