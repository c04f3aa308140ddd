"""Adapter for spike functions in PyTorch: any callable of one tensor, modules included.

PyTorch is not a dependency of this package: install it, or ``snn-surrogate[torch]``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from snn_tools.conformance.black_box import BlackBox, NotOffered, Typed, untouched

# How PyTorch says that a custom autograd function lacks a derivative or a transformation.
ABSENT = ("jvp", "forward mode", "forward AD", "setup_context", "vmap", "once_differentiable")


class TorchFunction(BlackBox):
    """A spike function with a custom backward pass.

    Args:
        function: ``v -> s``; ``torch.autograd.Function.apply``, a ``torch.nn.Module``, ...
        random: Whether spikes are drawn, from PyTorch's global generator.
        seed: Its seed.
    """

    def __init__(self, function: Callable[..., Any], random: bool = False, seed: int = 0) -> None:
        self.function, self.random, self.seed = function, random, seed

    def __call__(self, v: torch.Tensor) -> torch.Tensor:
        """Return the spikes."""
        if self.random:
            torch.manual_seed(self.seed)
        return self.function(v)

    def seeded(self, seed: int) -> TorchFunction:
        return TorchFunction(self.function, self.random, seed)

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        x = _cast(v, dtype)
        before = _numbers(x)
        found = self(x)
        return _typed(found, untouched(before, _numbers(x)))

    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        x = _cast(v, dtype).requires_grad_()
        out = self(x)
        like = torch.ones_like(out) if cotangent is None else _cast(cotangent, dtype).to(out.dtype)
        before = _numbers(like)
        # Writing into a cotangent shows only if nobody else holds on to it.
        (found,) = torch.autograd.grad(out, x, like)
        return _typed(found, untouched(before, _numbers(like)))

    def tangent(self, v: np.ndarray, dtype: str, tangent: np.ndarray) -> Typed:
        with _absent():
            _, found = torch.func.jvp(self, (_cast(v, dtype),), (_cast(tangent, dtype),))
        return _typed(found)

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        x = _cast(v, dtype).requires_grad_()
        with _absent():
            (slope,) = torch.autograd.grad(self(x).sum(), x, create_graph=True)
            if not slope.requires_grad:
                raise NotOffered("the backward pass is not differentiable")
            (found,) = torch.autograd.grad(slope.sum(), x, allow_unused=True)
        if found is None:
            raise NotOffered("the backward pass does not depend on the potential")
        return _typed(found)

    def transformed(self, v: np.ndarray, dtype: str, name: str) -> tuple[Typed, Typed]:
        if name != "vmap":
            raise NotOffered(f"{name} is not tried in PyTorch")
        x = _cast(v, dtype)
        with _absent():
            slope = torch.func.vmap(torch.func.grad(lambda x: self(x).sum()))
            return _typed(torch.func.vmap(self)(x)), _typed(slope(x))

    def reproduction(self, imports: str, call: str, v: float, dtype: str, order: int = 1) -> str:
        imports = "import torch" + (f", {imports}" if imports else "")
        function = f"({call})" if call.startswith("lambda") else call
        value = f"torch.tensor([{v!r}], dtype=torch.{dtype}, requires_grad=True)"
        start = f"{imports}; v = {value}; s = {function}(v); "
        if order == 2:
            slope = "(g,) = torch.autograd.grad(s.sum(), v, create_graph=True); "
            return f"{start}{slope}print(g.detach(), torch.autograd.grad(g.sum(), v))"
        return f"{start}print(s.detach(), torch.autograd.grad(s.sum(), v))"


class _absent:
    """Turn PyTorch's refusals into `NotOffered`."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, RuntimeError | NotImplementedError):
            if any(word in str(error) for word in ABSENT) or "does not require grad" in str(error):
                if "setup_context" in str(error):
                    raise NotOffered("no setup_context: no functorch transforms") from None
                raise NotOffered(str(error).partition("\n")[0][:100]) from None


def _cast(v: np.ndarray, dtype: str) -> torch.Tensor:
    return torch.tensor(v, dtype=getattr(torch, dtype))


def _numbers(x: torch.Tensor) -> np.ndarray:
    return x.detach().to(torch.float64).numpy().copy()


def _typed(found: torch.Tensor, kept: bool = True) -> Typed:
    return Typed(_numbers(found), str(found.dtype).removeprefix("torch."), kept)
