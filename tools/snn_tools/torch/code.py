"""Compare the derivatives of a PyTorch network's code with finite differences, and find stops.

*Given its spikes*, a network is an ordinary function of its parameters: loss and potentials, whose
derivative by autograd must agree with finite differences in float64. A potential that is detached
at each step shows here. A spike that is detached on its way to other neurons does not, since given
spikes are constants: `cut_synapses` follows detached spikes into products with weights, and
compares the surrogate gradient with the gradient without the `detach()`.
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from snn_tools.shared.budget import Clock
from snn_tools.shared.gradient_check import GIVEN, Check, judged
from snn_tools.shared.report import Finding
from snn_tools.shared.rules import Rule
from snn_tools.torch.program import Program, fixed, own
from snn_tools.torch.spikes import Tape, recorded

STEPS = np.geomspace(1e-2, 1e-6, 5)
"""Distances of finite differences, relative to the norm of an array of parameters."""

SECONDS = 60.0
"""Seconds that the tests of the code may use, even if the budget is smaller."""

CUT = Rule(
    "cut",
    "spikes are detached before they are multiplied by weights ({what}): with the derivative the "
    "surrogate gradient of {arrays} is another, by {share:.0%} of its length",
    "detach the spike in the reset alone, and pass the spike itself to the weights",
    "measured here, with the network's own spikes and derivatives",
)

SAME = 0.05
"""Change of a gradient, relative to its length, up to which a stop has no effect."""


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
    """Compare derivatives by autograd with finite differences, array by array, at given spikes.

    Args:
        program: the network, with a batch and its loss.
        spikes: spikes of each site, for the rows of the batch.
        clock: the budget.
    """
    batch = tuple(x.double() if x.is_floating_point() else x for x in program.batch)
    fine = dataclasses.replace(program, x=batch)
    try:
        with in_double(program.net):
            return _given(fine, spikes, clock)
    except RuntimeError:  # the code insists on its types
        return _given(program, spikes, clock)


def _given(program: Program, spikes: list[Tensor], clock: Clock) -> tuple[Check, ...]:
    """Make the test of `given_spikes` in the precision that the network has."""
    generator, weights = np.random.default_rng(0), []

    def value() -> tuple[Tensor, Tape]:
        rest = iter(weights)

        def weigh(v: Tensor) -> Tensor:
            if (w := next(rest, None)) is None:
                w = torch.from_numpy(generator.standard_normal(tuple(v.shape))).to(v)
                weights.append(w)
            return w

        run = program.run(1, fixed(spikes), weigh=weigh)
        return run.losses.sum() + run.tape.weighted, run.tape

    checks: list[Check] = []
    whole, tape = value()
    types = {site.v.dtype for site in tape.sites} | {whole.dtype}
    eps = max(torch.finfo(t).eps for t in types if t.is_floating_point)
    gradient, start = program.gradient(whole), 0
    for name, p in program.parameters.items():
        derivative = gradient[start : start + p.numel()]
        start += p.numel()
        if clock.elapsed() > max(clock.budget, SECONDS):
            break
        checks.append(_checked(name, p, derivative, lambda: float(value()[0]), eps))
    return tuple(checks)


def _checked(
    name: str, p: Tensor, derivative: np.ndarray, value: Callable[[], float], eps: float
) -> Check:
    """Compare the derivative of an array with finite differences along a direction."""
    rng, before = np.random.default_rng(1), p.data
    size = float(p.data.norm()) or p.numel() ** 0.5
    direction = rng.standard_normal(p.numel())
    direction /= np.linalg.norm(direction)
    if derivative.any() and np.isfinite(derivative).all():
        direction += derivative / np.linalg.norm(derivative)
    direction *= size / (np.linalg.norm(direction) or 1.0)
    along = torch.from_numpy(direction).to(p.data).reshape(p.shape)
    quotients, constant = [], True
    with torch.no_grad():
        here = value()
        for h in STEPS:
            ends = []
            for sign in (h, -h):
                p.data = before + sign * along
                ends.append(value())
            constant = constant and ends == [here, here]
            quotients.append((ends[0] - ends[1]) / (2 * h))
        p.data = before
    along_it = float(derivative @ direction)
    ratio, verdict = judged(along_it, np.array(quotients), abs(here), eps, STEPS)
    return Check(GIVEN, name, ratio, verdict, zero=not derivative.any() and constant)


PRODUCTS = {
    "linear", "matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "addmm", "mv", "einsum",
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "bilinear", "tensordot",
}  # fmt: skip


class Stops(TorchFunctionMode):
    """Follows spikes to where they are detached, and detached spikes into products with weights.

    Attributes:
        cut: numbers of the detached spikes that enter a product with something differentiable,
            each with the name of the product.
        open: numbers of the detached spikes that are passed on with their derivative.
    """

    def __init__(self, tape: Tape, open: frozenset[int] = frozenset()) -> None:
        super().__init__()
        self.tape, self.open = tape, open
        self.cut: dict[int, str] = {}
        self.n = 0
        # None marks a spike, a set of numbers a detached one.
        self.marks: Any = WeakTensorKeyDictionary()

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        if self.tape.busy:
            return out
        name = getattr(func, "__name__", "")
        tensors = [x for x in _flat((args, kwargs or {})) if isinstance(x, Tensor)]
        known = [self.marks[x] for x in tensors if x in self.marks]
        if not known or not isinstance(out, Tensor):
            return out
        stopped = frozenset().union(*(m for m in known if m))
        others = [x for x in tensors if x not in self.marks]
        if name == "detach":
            number, self.n = self.n, self.n + 1
            if number in self.open:
                return tensors[0]
            self.marks[out] = stopped | {number}
        elif name in PRODUCTS:
            if any(x.requires_grad for x in others):
                self.cut |= dict.fromkeys(stopped, name)
        elif not any(x.requires_grad for x in others):
            self.marks[out] = stopped
        return out


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def cut_synapses(program: Program) -> list[Finding]:
    """Find detached spikes that enter a product with weights, and measure what they cost."""

    def run(open: frozenset[int]) -> tuple[np.ndarray, Stops]:
        inputs, *targets = program.batch
        tape = Tape(len(inputs), program.escape, own, True, repeats=program.repeats)
        stops = Stops(tape, open)
        tape.mark = lambda s: stops.marks.__setitem__(s, frozenset())
        with recorded(program.net, tape), stops:
            output = program.forward(program.net, inputs)
        return program.gradient(program.losses(output, targets, 1).sum()), stops

    with_stops, stops = run(frozenset())
    if not stops.cut:
        return []
    without, _ = run(frozenset(stops.cut))
    changed, largest, start = [], 0.0, 0
    for name, p in program.parameters.items():
        g, h = with_stops[start : start + p.numel()], without[start : start + p.numel()]
        start += p.numel()
        size = np.linalg.norm(h)
        if size > 0 and (share := float(np.linalg.norm(g - h) / size)) > SAME:
            changed.append(name)
            largest = max(largest, share)
    if not changed:
        return []
    what = ", ".join(dict.fromkeys(stops.cut.values()))
    return CUT.find(*changed, what=what, arrays=", ".join(changed), share=largest)
