"""Find surrogates that are switched off by `eval()` or by a fused backend."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import torch

from snn_tools.shared.rules import Case
from snn_tools.torch.program import Program

DIFFERENT = 0.05
"""Difference of two gradients, relative to the length, from here on another gradient."""


def _keeps_mode(module: torch.nn.Module) -> bool:
    """Return whether training mode changes more than a surrogate, as dropout and batch norm do."""
    return any("Dropout" in k.__name__ or "Norm" in k.__name__ for k in type(module).__mro__)


def _modes(net: torch.nn.Module) -> dict[torch.nn.Module, bool]:
    return {m: m.training for m in net.modules() if not _keeps_mode(m)}


def _fused(net: torch.nn.Module) -> list[torch.nn.Module]:
    return [m for m in net.modules() if getattr(m, "backend", "torch") != "torch"]


@contextmanager
def switched(net: torch.nn.Module, on: bool) -> Iterator[None]:
    """Put all modules but dropout and norms into training mode, or into eval mode.

    Training mode is without fused backends.
    """
    modes, fused = _modes(net), [(m, m.backend) for m in _fused(net) if on]
    try:
        for module in modes:
            module.training = on
        for module, _ in fused:
            module.backend = "torch"
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for module, backend in fused:
            module.backend = backend


def off_in(program: Program) -> list[Case]:
    """Compare the gradient of a network as it is, or after `eval()`, with that in training mode."""
    fused, given = _fused(program.net), not all(_modes(program.net).values())
    what, advice = "after eval()", "call .train(), and .eval() on dropout and batch norm alone"
    if fused:
        what = f"with the backend {fused[0].backend}"
        advice = 'backend="torch" for training, or a backend that knows this surrogate'
    now = bool(fused or given)
    with nullcontext() if now else switched(program.net, on=False):
        off_gradients = _gradients(program)
    with switched(program.net, on=True):
        on_gradients = _gradients(program)
    off = [
        name
        for name, g in on_gradients.items()
        if np.linalg.norm(off_gradients[name] - g) > DIFFERENT * np.linalg.norm(g) > 0
    ]
    if not off:
        return []
    how = "different" if any(off_gradients[name].any() for name in off) else "exactly 0"
    return [Case(where=", ".join(off), what=what, how=how, advice=advice, fault=now)]


def _gradients(program: Program) -> dict[str, np.ndarray]:
    """Return the gradient of the unchanged network, by name of the array."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return program.split(program.gradient(program.plain()[0].sum()))
