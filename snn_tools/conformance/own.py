"""The spike functions of this package, with what docs/surrogate_derivatives.md claims of them."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np

import snn
from snn_tools.conformance.claim import Claim
from snn_tools.conformance.forms import Form
from snn_tools.conformance.jax_adapter import JaxFunction
from snn_tools.conformance.subject import Subject

SOURCE = "docs/surrogate_derivatives.md"


def _step(name: str, derivative: snn.surrogate.SurrogateDerivative, form: Form) -> Subject:
    """A deterministic spike with one of `snn.surrogate`."""
    return Subject(
        name,
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
    """A spike drawn from escape noise, with the matched derivative."""

    def spike(v: jax.Array, key: jax.Array) -> jax.Array:
        xi = jax.random.uniform(key, v.shape, v.dtype)
        return snn.Spike()(escape, v, xi)

    return Subject(
        f"Matched, {type(escape).__name__}",
        JaxFunction(spike, random=True),
        Claim(density, probability=probability, source="docs/escape_noise.md"),
    )


def _gaussian(v: np.ndarray) -> np.ndarray:
    """The normal distribution function."""
    from math import erf

    return 0.5 * (1 + np.vectorize(erf)(np.asarray(v) / np.sqrt(2)))


SPIKE_FUNCTIONS = [
    _step("SuperSpike", snn.surrogate.SuperSpike(10.0), Form("superspike", 10.0)),
    _step("Sigmoid", snn.surrogate.Sigmoid(10.0), Form("sigmoid", 10.0, 2.5)),
    _step("ScaledSigmoid", snn.surrogate.ScaledSigmoid(10.0), Form("sigmoid", 10.0, 0.25)),
    _step("Arctan", snn.surrogate.Arctan(2.0), Form("arctan", np.pi, 1.0)),
    _step("Triangle", snn.surrogate.Triangle(1.0), Form("triangle", 1.0)),
    _step("Box", snn.surrogate.Box(1.0), Form("box", 2.0, 1.0)),
    _step("MultilayerSpiker", snn.surrogate.MultilayerSpiker(0.133), Form("relu", 1.0, 1 / 0.133)),
    _step("Zero", snn.surrogate.Zero(), Form("constant", 1.0, 0.0)),
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
        lambda v: _gaussian(v / 0.1),
    ),
]
"""Steps with each of `snn.surrogate`, and spikes drawn from escape noise with the matched one."""
