"""Surrogate derivatives of PyTorch neurons as functions of the potential, and findings on them."""

import numpy as np
import torch
from torch import Tensor

from snn_tools.doctor.examined import Finding, Rule
from snn_tools.doctor.observed import GRID, Shape
from snn_tools.torch.program import Program
from snn_tools.torch.spikes import Call, Function

REALISTIC = 100.0
"""Largest size of a potential that may occur."""

STEEP = 3.0
"""Width of the slope of the noise over the width of a derivative, from here on a note."""

OVERFLOW = Rule(
    "overflow",
    "the surrogate derivative is not finite from |v| = {first:.2g} on",
    "one written without exponentials of large numbers",
    "its own backward pass, at potentials up to 100",
)
NARROW = Rule(
    "steep",
    "the surrogate derivative is {ratio:.1f} times narrower than the slope of the escape noise "
    "(half of the integral within {own:.2g} and {noise:.2g})",
    "divide its slope by {ratio:.2g} to match the noise, if the noise is the one you mean",
    "its own backward pass, at potentials up to 1e4",
    fault=False,
)
WRONG_SIGN = Rule(
    "shape",
    "the surrogate derivative is negative, {lowest:.3g} at its lowest",
    "a spike becomes more likely as the potential rises: its derivative is positive",
    "its own backward pass, at potentials up to 1e4",
)
IGNORED = Rule(
    "ignored",
    "the surrogate derivative does not depend on its last setting ({setting}): it is the same with "
    "twice the value",
    "a surrogate that uses this setting; the width of this one is fixed",
    "its own backward pass, at potentials up to 1e4",
    fault=False,
)


def to_numpy(x: Tensor) -> np.ndarray:
    """Convert a tensor to float64 in NumPy."""
    return x.cpu().double().numpy()


def derivative(function: Function, v: Tensor) -> Tensor:
    """Differentiate a spike function by its own backward pass."""
    with torch.enable_grad():
        v = v.detach().clone().requires_grad_()
        s = function(v)
        return torch.autograd.grad(s.sum(), v)[0] if s.requires_grad else torch.zeros_like(v)


def firing(program: Program) -> Function:
    """Return the firing probability as a function of potentials."""
    return lambda v: program.escape(v)[0].exp()


def shape_of(function: Function, like: Tensor) -> Shape:
    """Measure the derivative of a function, in the type and on the device of a tensor."""
    return Shape.of_function(lambda x: to_numpy(derivative(function, like.new_tensor(x))))


def of_shape(
    where: str, function: Function, own: Shape, noise: Shape, like: Tensor
) -> list[Finding]:
    """Judge a surrogate derivative as a function of the potential.

    Args:
        where: the layer.
        function: its spike function.
        own: the surrogate derivative.
        noise: the slope of the escape noise.
        like: a tensor with the type and the device of the layer.
    """
    findings = []
    if own.first_bad < REALISTIC:
        findings += OVERFLOW.find(where, first=own.first_bad)
    if own.finite and own.measured.lowest < 0:
        findings += WRONG_SIGN.find(where, lowest=own.measured.lowest)
    if own.finite and own.half > 0 and noise.half > STEEP * own.half:
        ratio = noise.half / own.half
        findings += NARROW.find(where, ratio=ratio, own=own.half, noise=noise.half)
    if isinstance(function, Call) and (twice := function.doubled()) is not None:
        x = like.new_tensor(GRID)
        if torch.equal(derivative(function, x), derivative(twice, x)):
            findings += IGNORED.find(where, setting=f"{float(function.settings[-1]):g}")
    return findings
