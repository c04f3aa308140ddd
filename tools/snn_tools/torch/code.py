"""Derivatives of a PyTorch network's code against finite differences, at given spikes."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from snn_tools.shared.budget import Clock
from snn_tools.shared.gradient_check import (
    SECONDS,
    VALUES,
    Check,
    checked,
    checked_spikes,
    looked_at,
    moved_half,
)
from snn_tools.torch.program import Program, Run, fixed, layers_in
from snn_tools.torch.spikes import Tape


@contextmanager
def in_double(net: torch.nn.Module) -> Iterator[None]:
    """Make a network's floating-point numbers float64 for a while, and new ones, too."""
    default = torch.get_default_dtype()
    tensors = [x for x in (*net.parameters(), *net.buffers()) if x.is_floating_point()]
    before = [x.data for x in tensors]
    try:
        torch.set_default_dtype(torch.float64)
        for x in tensors:
            x.data = x.data.double()
        yield
    finally:
        torch.set_default_dtype(default)
        for x, data in zip(tensors, before, strict=True):
            x.data = data


def given_spikes(program: Program, spikes: list[Tensor], clock: Clock) -> tuple[Check, ...]:
    """Compare derivatives with finite differences: by each array, and by each layer's spikes.

    Args:
        program: the network, with a batch and its loss.
        spikes: spikes of each site, for the rows of the batch.
        clock: the budget; tests are left out if time is up.
    """
    batch = tuple(x.double() if x.is_floating_point() else x for x in program.batch)
    fine = dataclasses.replace(program, x=batch)
    try:
        with in_double(program.net):
            return _given(fine, [s.double() for s in spikes], clock)
    except RuntimeError:  # the code insists on its types
        return _given(program, spikes, clock)


def _given(program: Program, spikes: list[Tensor], clock: Clock) -> tuple[Check, ...]:
    """Make the tests of `given_spikes` in the precision that the network has."""
    rng, checks = np.random.default_rng(0), []

    def value(
        spikes: list[Tensor], weights: list[np.ndarray], of_loss: bool, of: Any = None
    ) -> Any:
        """Return loss and weighted potentials, or a function of them and of the tape."""
        rest = iter(weights)
        weigh = lambda v: torch.from_numpy(next(rest)).to(v)  # noqa: E731

        def inside(run: Run) -> Any:
            whole = of_loss * run.losses.sum() + run.tape.weighted
            return of(whole, run.tape) if of else float(whole.detach())

        return program.run(1, fixed(spikes), inside=inside, weigh=weigh, given=True)

    def time_left() -> bool:
        return clock.elapsed() < max(clock.budget, SECONDS)

    everywhere = [rng.standard_normal(tuple(s.shape)) for s in spikes]

    def of_parameters(whole: Tensor, tape: Tape) -> tuple[Any, list, float]:
        types = {site.v.dtype for site in tape.sites} | {whole.dtype}
        eps = max(torch.finfo(t).eps for t in types if t.is_floating_point)
        return program.gradient(whole), tape.sites, eps

    gradient, sites, eps = value(spikes, everywhere, True, of_parameters)
    start = 0
    for name, p in program.parameters.items():
        derivative, before = gradient[start : start + p.numel()], p.data
        start += p.numel()

        def moved(move: np.ndarray, p: Tensor = p, before: Tensor = before) -> float:
            p.data = before + torch.from_numpy(move).to(before).reshape(before.shape)
            with torch.no_grad():
                return value(spikes, everywhere, True)

        size = float(before.norm()) or before.numel() ** 0.5
        if time_left():
            checks.append(checked((name, VALUES), derivative, moved, size, eps))
            p.data = before

    layers = layers_in(sites)
    shapes = [tuple(sites[k[0]].v.shape) for k in layers.values()]
    for i, (source, members) in enumerate(layers.items()):
        looks = looked_at(rng, shapes, i)
        half = np.broadcast_to(moved_half(shapes[i]), (len(members), *shapes[i]))
        here = np.stack([spikes[k].cpu().numpy() for k in members])
        far = np.where(half, 1 - 2 * here, 0.0).ravel()

        def function(chosen: np.ndarray, members=members, looks=looks, half=half) -> tuple:
            weights = [np.zeros(())] * len(spikes)
            for on, look, others in zip(chosen, looks, layers.values(), strict=True):
                for k in others:
                    weights[k] = on * look

            def moved(move: np.ndarray) -> float:
                changed = list(spikes)
                for k, part in zip(members, np.split(move, len(members)), strict=True):
                    part = torch.from_numpy(part).to(spikes[k]).reshape(spikes[k].shape)
                    changed[k] = spikes[k] + part
                with torch.no_grad():
                    return value(changed, weights, False)

            by_spikes = lambda whole, tape: _by_spikes(whole, tape, members)  # noqa: E731
            derivative = value(spikes, weights, False, by_spikes)
            return np.where(half.ravel(), derivative, 0.0), moved

        size = float(np.linalg.norm(here)) or here.size**0.5
        if time_left():
            names = [f"layer {name}" for name in layers]
            checks += checked_spikes(f"layer {source}", names, function, size, eps, far)
    return tuple(checks)


def _by_spikes(total: Tensor, tape: Tape, members: list[int]) -> np.ndarray:
    """Return the derivative of a number by the spikes of these sites, flat."""
    parts = []
    for k in members:
        site, g = tape.sites[k], np.zeros(tuple(tape.sites[k].v.shape))
        calls = [n for n in range(len(tape.calls)) if tape.repeats.get(n, n) == site.call]
        outs = [tape.calls[n][1] for n in calls if tape.calls[n][1].requires_grad]
        if outs and total.requires_grad:
            outs = list({id(s): s for s in outs}.values())
            options = {"allow_unused": True, "materialize_grads": True, "retain_graph": True}
            for x in torch.autograd.grad(total, outs, **options):
                g = g + x.cpu().double().numpy()
        parts.append(g.ravel())
    return np.concatenate(parts)
