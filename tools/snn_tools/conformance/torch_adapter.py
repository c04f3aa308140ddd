"""Adapter for spike functions in PyTorch: any callable of one tensor, modules included."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from snn_tools.conformance.checks import Skipped

ABSENT = ("vmap", "once_differentiable", "does not require grad", "setup_context")
"""Words of PyTorch where a function lacks a derivative or a transformation."""


class TorchFunction:
    """Spike function ``v -> s``, with the methods of `JaxFunction`.

    A callable such as ``torch.autograd.Function.apply`` or a ``torch.nn.Module``.
    """

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.function = function

    def spikes(self, v: np.ndarray) -> np.ndarray:
        return _to_numpy(self.function(torch.from_numpy(v)))

    def gradient(self, v: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(v).requires_grad_()
        return _to_numpy(torch.autograd.grad(self.function(x).sum(), x)[0])

    def second(self, v: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(v).requires_grad_()
        with _absent():
            (slope,) = torch.autograd.grad(self.function(x).sum(), x, create_graph=True)
            if not slope.requires_grad:
                raise Skipped("the backward pass is not differentiable")
            (result,) = torch.autograd.grad(slope.sum(), x, allow_unused=True)
        if result is None:
            raise Skipped("the backward pass does not depend on the potential")
        return _to_numpy(result)

    def mapped(self, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = torch.from_numpy(v)
        with _absent():
            slope = torch.func.vmap(torch.func.grad(lambda x: self.function(x).sum()))
            return _to_numpy(torch.func.vmap(self.function)(x)), _to_numpy(slope(x))


@contextmanager
def _absent() -> Iterator[None]:
    """Turn PyTorch's refusals into `Skipped`."""
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        if any(word in str(error) for word in ABSENT):
            raise Skipped(str(error).strip().partition("\n")[0][:100]) from None
        raise


def _to_numpy(result: torch.Tensor) -> np.ndarray:
    return result.detach().numpy().copy()
