"""Adapter for spike functions in PyTorch: any callable of one tensor, modules included.

PyTorch is not a dependency of this package: install it, or ``snn-tools[torch]``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from snn_tools.conformance.black_box import Framework, NotOffered, Typed
from snn_tools.conformance.subject import first_line

# How PyTorch says that a custom autograd function lacks a derivative or a transformation.
ABSENT = (
    *("jvp", "forward mode", "forward AD", "vmap", "once_differentiable"),
    "does not require grad",
)


class TorchFunction(Framework):
    """A spike function ``v -> s``: ``torch.autograd.Function.apply``, a ``torch.nn.Module``, ..."""

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        return _typed(self.function(_cast(v, dtype)))

    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        x = _cast(v, dtype).requires_grad_()
        out = self.function(x)
        like = torch.ones_like(out) if cotangent is None else _cast(cotangent, dtype).to(out.dtype)
        (result,) = torch.autograd.grad(out, x, like)
        return _typed(result)

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

    def reproduction(self, imports: str, call: str, v: float, dtype: str, order: int = 1) -> str:
        value = f"torch.tensor([{v!r}], dtype=torch.{dtype}, requires_grad=True)"
        start = f"import torch{imports}; v = {value}; s = {call}(v); "
        if order == 2:
            slope = "(g,) = torch.autograd.grad(s.sum(), v, create_graph=True); "
            return f"{start}{slope}print(g.detach(), torch.autograd.grad(g.sum(), v))"
        return f"{start}print(s.detach(), torch.autograd.grad(s.sum(), v))"


@contextmanager
def _absent() -> Iterator[None]:
    """Turn PyTorch's refusals into `NotOffered`."""
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        if "setup_context" in str(error):
            raise NotOffered("no setup_context: no functorch transforms") from None
        if any(word in str(error) for word in ABSENT):
            raise NotOffered(first_line(error)[:100]) from None
        raise


def _cast(v: np.ndarray, dtype: str) -> torch.Tensor:
    return torch.tensor(v, dtype=getattr(torch, dtype))


def _typed(result: torch.Tensor) -> Typed:
    numbers = result.detach().to(torch.float64).numpy().copy()
    return Typed(numbers, str(result.dtype).removeprefix("torch."))
