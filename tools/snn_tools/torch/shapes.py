"""Surrogate derivatives of PyTorch neurons as functions of the potential."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from snn_tools.shared.rules import Case
from snn_tools.shared.shape import GRID, Shape
from snn_tools.torch.program import Program
from snn_tools.torch.spikes import Call, Function


def to_numpy(x: Tensor) -> np.ndarray:
    """Convert a tensor to float64 in NumPy."""
    return x.detach().cpu().double().numpy()


def stacked(steps: Iterable[Tensor]) -> np.ndarray:
    """Stack arrays of a layer's steps, ``(step, row, neuron)``."""
    return np.stack([to_numpy(x).reshape(len(x), -1) for x in steps])


def derivative(function: Function, v: Tensor, factor: float = 1.0) -> Tensor:
    """Differentiate a factor times a spike function by the function's own backward pass."""
    with torch.enable_grad():
        v = v.detach().clone().requires_grad_()
        s = function(v)
        return (
            torch.autograd.grad(factor * s.sum(), v)[0] if s.requires_grad else torch.zeros_like(v)
        )


def firing(program: Program) -> Function:
    """Return the firing probability as a function of potentials."""
    return lambda v: program.escape(v)[0].exp()


def shape_of(function: Function, like: Tensor) -> Shape:
    """Measure the derivative of a function, in the type and on the device of a tensor."""

    def values(x: np.ndarray) -> np.ndarray:
        try:
            return to_numpy(derivative(function, like.new_tensor(x)))
        except Exception:  # of settings in the shape of the layer
            flat = like.new_zeros(like.shape).reshape(-1)
            out = []
            for part in np.array_split(x, -(-len(x) // len(flat))):
                some = flat.clone()
                some[: len(part)] = like.new_tensor(part)
                out.append(
                    to_numpy(derivative(function, some.reshape(like.shape))).ravel()[: len(part)]
                )
            return np.concatenate(out)

    return Shape.of_function(values)


def ignored(where: str, function: Call, like: Tensor) -> list[Case]:
    """Find a setting of a surrogate that has no effect, such as the alpha of norse's SuperSpike.

    Only the last setting is tried that is a number with a fraction; integers may be flags.
    """
    numbers = [k for k, x in enumerate(function.settings) if isinstance(x, float | Tensor)]
    if not numbers:
        return []
    k, settings, x = numbers[-1], list(function.settings), like.new_tensor(GRID)
    settings[k] = 2 * settings[k]
    try:
        twice = replace(function, settings=tuple(settings))
        same = torch.equal(derivative(function, x), derivative(twice, x))
    except Exception:  # of settings in the shape of the layer
        return []
    return [Case(where=where, setting=float(function.settings[k]))] if same else []
