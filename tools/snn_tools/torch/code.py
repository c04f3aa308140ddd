"""Derivatives of a PyTorch network's code against finite differences, at given spikes."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from snn_tools.shared.gradient_check import Check, Moves, Source, Weights, check_code
from snn_tools.torch.program import Program, Run, fixed, layers_in, own
from snn_tools.torch.shapes import to_numpy
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


def given_spikes(program: Program, spikes: list[Tensor]) -> tuple[Check, ...]:
    """Compare derivatives with finite differences: by each array, and by each layer's spikes.

    Args:
        program: the network, with a batch and its loss.
        spikes: spikes of each site, for the rows of the batch.
    """
    batch = tuple(x.double() if x.is_floating_point() else x for x in program.batch)
    fine = dataclasses.replace(program, x=batch)
    try:
        with in_double(program.net):
            checks = check_code(TorchCode(fine, [s.double() for s in spikes]))
        with torch.no_grad():
            program.run(2, own)  # neurons replace their float64 states if the batch is another
        return checks
    except RuntimeError:  # the code insists on its types
        return check_code(TorchCode(program, spikes))


class TorchCode:
    """Code of a PyTorch network, see `Code`."""

    def __init__(self, program: Program, spikes: list[Tensor]) -> None:
        self.program, self.spikes = program, spikes
        self.parameters = list(program.parameters.values())
        loss, tape, _ = program.run(1, fixed(spikes))
        sites = tape.sites
        types = {site.v.dtype for site in sites} | {loss.dtype}
        self.eps = max(torch.finfo(t).eps for t in types if t.is_floating_point)
        members = layers_in(tape)
        self.members = list(members.values())
        self.arrays = list(program.parameters)
        self.layers = [f"layer {name}" for name in members]
        self.shapes = [tuple(sites[k[0]].v.shape) for k in self.members]

    def source(self, source: Source) -> np.ndarray:
        kind, k = source
        parts = (
            [self.parameters[k]] if kind == "array" else [self.spikes[n] for n in self.members[k]]
        )
        return np.concatenate([to_numpy(x).ravel() for x in parts])

    def values(self, moves: Moves, weights: Weights) -> np.ndarray:
        with torch.no_grad(), self._moved(moves) as spikes:
            return np.array([float(x) for x in self._run(spikes, weights)])

    def derivative(
        self, source: Source, moves: Moves, weights: Weights, on: np.ndarray
    ) -> np.ndarray:
        kind, k = source

        def inside(run: Run) -> np.ndarray:
            values = self._values(run, weights)
            whole = sum(x for x, chosen in zip(values, on, strict=True) if chosen)
            if kind == "array":
                return _by(whole, [self.parameters[k]], self.parameters[k].numel())
            uses = [_uses(run.tape, n) for n in self.members[k]]
            return np.concatenate([_by(whole, xs, int(np.prod(self.shapes[k]))) for xs in uses])

        with self._moved(moves) as spikes:
            return self._run(spikes, weights, inside)

    @contextmanager
    def _moved(self, moves: Moves) -> Iterator[list[Tensor]]:
        """Change arrays of parameters for a while, and return the changed spikes."""
        spikes, before = list(self.spikes), [p.data for p in self.parameters]

        def plus(x: Tensor, move: np.ndarray) -> Tensor:
            return x + torch.from_numpy(move).to(x).reshape(x.shape)

        try:
            for (kind, k), move in moves.items():
                if kind == "array":
                    self.parameters[k].data = plus(before[k], move)
                    continue
                for n, part in zip(
                    self.members[k], np.split(move, len(self.members[k])), strict=True
                ):
                    spikes[n] = plus(spikes[n], part)
            yield spikes
        finally:
            for p, data in zip(self.parameters, before, strict=True):
                p.data = data

    def _run(self, spikes: list[Tensor], weights: Weights, inside: Any = None) -> Any:
        inside = inside or (lambda run: self._values(run, weights))
        return self.program.run(1, fixed(spikes), inside=inside, given=True)

    def _values(self, run: Run, weights: Weights) -> list[Tensor]:
        """Return the loss, and weighted sums of the potentials of each layer."""
        values = [run.losses.sum()]
        for members, weight in zip(self.members, weights, strict=True):
            potentials = [run.tape.calls[run.tape.sites[n].call][0] for n in members]
            w = torch.from_numpy(weight).to(potentials[0])
            values.append(sum((w * v).sum() for v in potentials))
        return values


def _uses(tape: Tape, site: int) -> list[Tensor]:
    """Return the tensors that have the spikes of a site."""
    first = tape.sites[site].call
    calls = [n for n in range(len(tape.calls)) if tape.repeats.get(n, n) == first]
    return list({id(s): s for n in calls if (s := tape.calls[n][1]).requires_grad}.values())


def _by(whole: Tensor, sources: list[Tensor], size: int) -> np.ndarray:
    """Return the sum of the derivatives of a number by tensors of one size, flat."""
    if not (sources and whole.requires_grad):
        return np.zeros(size)
    options = {"allow_unused": True, "materialize_grads": True, "retain_graph": True}
    gradients = torch.autograd.grad(whole, sources, **options)
    return np.sum([to_numpy(g).ravel() for g in gradients], axis=0)
