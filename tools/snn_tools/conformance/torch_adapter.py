"""Adapter for spike functions in PyTorch: any callable of one tensor, modules included."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from snn_tools.conformance.function import NotOffered, Typed, first_line

ABSENT = ("vmap", "once_differentiable", "does not require grad", "setup_context")
"""Words of PyTorch where a function lacks a derivative or a transformation."""


class TorchFunction:
    """Spike function ``v -> s``: ``torch.autograd.Function.apply``, a ``torch.nn.Module``, ..."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.function = function

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        return _typed(self.function(_cast(v, dtype)))

    def gradient(self, v: np.ndarray, dtype: str) -> Typed:
        x = _cast(v, dtype).requires_grad_()
        return _typed(torch.autograd.grad(self.function(x).sum(), x)[0])

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        x = _cast(v, dtype).requires_grad_()
        with _absent():
            (slope,) = torch.autograd.grad(self.function(x).sum(), x, create_graph=True)
            if not slope.requires_grad:
                raise NotOffered("the backward pass is not differentiable")
            (result,) = torch.autograd.grad(slope.sum(), x, allow_unused=True)
        if result is None:
            raise NotOffered("the backward pass does not depend on the potential")
        return _typed(result)

    def mapped(self, v: np.ndarray, dtype: str) -> tuple[Typed, Typed]:
        x = _cast(v, dtype)
        with _absent():
            slope = torch.func.vmap(torch.func.grad(lambda x: self.function(x).sum()))
            return _typed(torch.func.vmap(self.function)(x)), _typed(slope(x))


@contextmanager
def _absent() -> Iterator[None]:
    """Turn PyTorch's refusals into `NotOffered`."""
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        if any(word in str(error) for word in ABSENT):
            raise NotOffered(first_line(error)[:100]) from None
        raise


def _cast(v: np.ndarray, dtype: str) -> torch.Tensor:
    return torch.tensor(v, dtype=getattr(torch, dtype))


def _typed(result: torch.Tensor) -> Typed:
    numbers = result.detach().to(torch.float64).numpy().copy()
    return Typed(numbers, str(result.dtype).removeprefix("torch."))
