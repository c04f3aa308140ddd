"""Replace the spikes of a network during a forward pass.

Replaced are the values of every `torch.autograd.Function` that is a step: those of snnTorch,
SpikingJelly and norse, and those of the network's own code. All other code runs unchanged.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

from snn_tools.shared.step import Step, step_of

Escape: TypeAlias = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Function of potentials minus threshold: log-probabilities of a spike and of no spike.

Both must be finite even if a probability rounds to 0 or 1, unlike log(1 - p).
"""

SURROGATES = ".spike_grad", ".surrogate_function"
"""Ends of the names of modules that are the spike function of a neuron, and no layer."""

Function = Callable[[Tensor], Tensor]
Draw = Callable[[Function, Tensor, int], Tensor]
"""Function of a spike function, potentials and the number of earlier sites; returns spikes."""


@dataclass(frozen=True)
class Sigmoid:
    r"""Logistic noise, :math:`p = 1/(1+e^{-\beta v})`: `snn.escape.Sigmoid` in PyTorch.

    Attributes:
        beta: slope parameter, 1/potential; the slope's peak is beta/4.
    """

    beta: float = 10.0

    def __call__(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return log p and log(1 - p)."""
        log_sigmoid = torch.nn.functional.logsigmoid
        return log_sigmoid(self.beta * v), log_sigmoid(-self.beta * v)


class Refused(ValueError):
    """Error for a network whose exact gradient would be wrong."""


def of_another_axis(what: str, x: Tensor, rows: int) -> Refused:
    """Return the error for a tensor whose first axis is not that of the examples."""
    other = [str(k) for k, n in enumerate(x.shape) if n == rows]
    hint = f", which is axis {' or '.join(other)} here" if other else ""
    return Refused(
        f"{what} of shape {tuple(x.shape)}, expected the {rows} examples of the batch along the "
        f"first axis. Let forward bring the batch there{hint}."
    )


@dataclass(frozen=True)
class Site:
    """Potentials of a layer at a step, and the spikes of the tape.

    Attributes:
        layer: name of the module.
        function: spike function of the module, with its settings.
        v: potentials minus thresholds, ``(row, ...)``.
        s: spikes, same shape.
        call: number of the call.
    """

    layer: str
    function: "Call"
    v: Tensor
    s: Tensor
    call: int


@dataclass
class Tape:
    """Spikes of one run.

    Attributes:
        rows: size of the batch; None if it does not matter.
        escape: the escape noise.
        draw: draws the spikes.
        surrogate: whether spikes have the derivative of the network's own function.
        given: whether spikes are variables of their own, without a derivative by potentials.
        log_prob: log-probability of each row's spikes.
        sites: potentials and spikes, in the order of the calls.
        size: number of spike sites of a row.
        calls: potentials of each call, and its spikes.
        repeats: earlier call with the same potentials, for each call that is a repetition.
        busy: whether a spike function of the network is evaluated by the tape.
        again: whether a neuron of snnTorch asks for its spike again, to reset itself.
        last: potentials and spikes of each layer's last step.
        resets: layers that asked again.
        steps: the step in each spike function that was probed before, by its name; None for a
            function that is not a step.
    """

    rows: int | None
    escape: Escape
    draw: Draw
    surrogate: bool = False
    given: bool = False
    log_prob: Tensor = field(default_factory=lambda: torch.zeros(()))
    sites: list[Site] = field(default_factory=list)
    size: int = 0
    calls: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)
    busy: bool = False
    again: bool = False
    last: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)
    resets: set[str] = field(default_factory=set)
    steps: dict[str, Step | None] = field(default_factory=dict)

    def fire(self, layer: str, function: "Call", v: Tensor) -> Tensor:
        """Return spikes for new potentials, or the same spikes for a repetition.

        Args:
            layer: name of the layer.
            function: the network's own spike function.
            v: potentials minus threshold, rows first.

        Raises:
            Refused: if the rows are not those of the batch.
        """
        earlier = self.repeats.get(len(self.calls))
        s = self.calls[earlier][1] if earlier is not None else self._new(layer, function, v)
        self.calls.append((v, s))
        self.last[layer] = v, s
        return s

    def _new(self, layer: str, function: "Call", v: Tensor) -> Tensor:
        if self.rows is not None and (v.ndim == 0 or len(v) != self.rows):
            raise of_another_axis(f"{layer}: got potentials", v, self.rows)
        self.busy = True
        try:
            with torch.no_grad():
                s = self.draw(function, v.detach(), self.size).to(v.dtype)
            if self.rows is not None and not self.given:
                log_p, log_not = self.escape(v)
                log_prob = torch.where(s > 0.5, log_p, log_not)
                self.log_prob = self.log_prob + log_prob.reshape(self.rows, -1).sum(dim=1)
            self.sites.append(Site(layer, function, v.detach(), s, len(self.calls)))
            self.size += v.numel() // (self.rows or 1)
        finally:
            self.busy = False
        return s

    def spikes_again(self, layer: str, v: Tensor) -> Tensor:
        """Return spikes for a neuron that asks again.

        Unchanged potentials have their spikes already. Other potentials belong to no spike: the
        state before the first step, and, without delay, a potential above threshold after a reset.
        """
        self.resets.add(layer)
        u, s = self.last.get(layer, (v, v > 0))
        return torch.where(v == u, s, v > 0)

    def find_repeats(self) -> dict[int, int]:
        """Return the calls whose potentials are the same expression as those of an earlier call.

        A network may call its spike function twice in a step, for the output and for the reset.
        """
        found: dict[int, int] = {}
        for k in range(1, len(self.calls)):
            # Repetitions are near: those of one step.
            for earlier in range(k - 1, max(-1, k - 9), -1):
                if earlier not in found and same_expression(
                    self.calls[k][0], self.calls[earlier][0]
                ):
                    found[k] = earlier
                    break
        return found


def same_expression(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors are the same operation on the same tensors."""
    if a is b:
        return True
    x, y = a.grad_fn, b.grad_fn
    if x is None or y is None or type(x) is not type(y) or a.shape != b.shape:
        return False
    return x.next_functions == y.next_functions and torch.equal(a.detach(), b.detach())


@dataclass(frozen=True)
class Call:
    """Spike function with its settings, as a function of potential minus threshold alone.

    Attributes:
        function: the network's spike function.
        settings: all arguments but the potential, those before it first.
        operand: position of the potential.
        threshold: potential of the step.
    """

    function: Callable[..., Tensor]
    settings: tuple[Any, ...] = ()
    operand: int = 0
    threshold: Any = 0.0

    def __call__(self, v: Tensor) -> Tensor:
        """Return the network's own spikes."""
        before, after = self.settings[: self.operand], self.settings[self.operand :]
        return self.function(*before, v + self.threshold, *after)


@contextmanager
def recorded(net: torch.nn.Module, tape: Tape) -> Iterator[None]:
    """Replace the spikes of a network by those of a tape."""
    with ExitStack() as stack:
        running = _running(stack, net)
        for module in net.modules():
            if callable(reset := getattr(module, "mem_reset", None)):
                stack.enter_context(patch.object(module, "mem_reset", _asking_again(reset, tape)))
        for kind in _step_functions():
            _intercept(stack, kind, tape, running)
        yield


def _asking_again(reset: Any, tape: Tape) -> Any:
    """Mark the calls with which a neuron of snnTorch asks for its spike again, to reset itself."""

    def mem_reset(mem: Tensor) -> Any:
        tape.again = True
        try:
            return reset(mem)
        finally:
            tape.again = False

    return mem_reset


NO_SPIKES = "torch.", "snn_tools."
"""Modules with autograd functions that are not spikes."""


def _step_functions() -> list[type]:
    """List the autograd functions that may be steps: the user's own, and those of libraries."""
    kinds, todo = [], [torch.autograd.Function]
    while todo:
        for kind in todo.pop().__subclasses__():
            todo.append(kind)
            if not kind.__module__.startswith(NO_SPIKES):
                kinds.append(kind)
    return kinds


def _intercept(stack: ExitStack, kind: Any, tape: Tape, layer: Callable[[], str]) -> None:
    """Replace the values of an autograd function that is a step; keep the backward pass.

    Python looks up `forward` at each call, also for a stored ``kind.apply``.
    """
    forward, setup = kind.forward, kind.setup_context
    with_context = setup is torch.autograd.Function.setup_context
    name = f"{kind.__module__}.{kind.__qualname__}"
    of_norse = kind.__module__.startswith("norse.")

    def replaced(args: tuple[Any, ...], out: Any) -> Tensor | None:
        """Return the spikes in place of a step's values; None for another function."""
        if tape.busy or not isinstance(out, Tensor) or of_norse and _in_refractory():
            return None
        if name not in tape.steps:
            tape.steps[name] = _step_in(kind, args, out, tape)
        if (step := tape.steps[name]) is None:
            return None
        settings = tuple(arg for k, arg in enumerate(args) if k != step.operand)
        with torch.enable_grad():
            threshold, v = step.threshold(args), args[step.operand]
            v = v - threshold if step.offset or step.weights else v
            if tape.again:
                return tape.spikes_again(layer(), v.detach()).to(out.dtype)
            fixed = threshold.detach() if isinstance(threshold, Tensor) else threshold
            function = Call(kind.apply, settings, step.operand, fixed)
            s = tape.fire(layer(), function, v)
        # PyTorch gives this very tensor the function's backward pass.
        s = s.detach().clone()
        tape.calls[-1] = tape.calls[-1][0], s
        return s

    def as_it_is(*args: Any) -> Any:
        before, tape.busy = tape.busy, tape.busy or not (of_norse and _in_refractory())
        try:
            return forward(*args)
        finally:
            tape.busy = before

    def old_style(ctx: Any, *args: Any) -> Any:
        out = as_it_is(ctx, *args)
        s = replaced(args, out)
        if s is None:
            return out
        if not (tape.surrogate or tape.given):
            ctx.mark_non_differentiable(s)
        return s

    def new_style(*args: Any) -> Any:
        out = as_it_is(*args)
        s = replaced(args, out)
        return out if s is None else s

    def set_up(ctx: Any, inputs: Any, output: Any) -> Any:
        done = setup(ctx, inputs, output)
        if not (tape.busy or tape.surrogate or tape.given) and tape.steps.get(name) is not None:
            ctx.mark_non_differentiable(output)
        return done

    new = (
        {"forward": old_style} if with_context else {"forward": new_style, "setup_context": set_up}
    )
    if tape.given:  # spikes are variables of their own
        new["backward"] = lambda ctx, *gradients: (None,) * 20
    for method, function in new.items():
        stack.enter_context(patch.object(kind, method, staticmethod(function)))


def _in_refractory() -> bool:
    """Return whether a refractory neuron of norse asks if its counter is positive: no spike."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "threshold" and frame.f_back is not None:
            return frame.f_back.f_code.co_filename.endswith("_refrac.py")
        frame = frame.f_back
    return False


def _step_in(kind: Any, args: tuple[Any, ...], out: Tensor, tape: Tape) -> Step | None:
    """Return the step of an autograd function; None if its values are none."""
    numbers = [k for k, x in enumerate(args) if isinstance(x, Tensor) and x.is_floating_point()]
    potentials = [k for k in numbers if args[k].shape == out.shape]

    def spikes(operand: int, moved: int | None, potentials: np.ndarray) -> np.ndarray:
        ones = (
            torch.full_like(x, 1 + (k == moved)) if k in numbers else x for k, x in enumerate(args)
        )
        settings = tuple(x for k, x in enumerate(ones) if k != operand)
        function, like = Call(kind.apply, settings, operand), args[operand]
        at = torch.from_numpy(potentials).to(like)
        try:
            s = function(at)
        except Exception:  # settings in the shape of the layer
            s = torch.stack([function(torch.full_like(like, float(x))).reshape(-1)[0] for x in at])
        return s.double().cpu().numpy() if s.shape == at.shape else np.full(at.shape, np.nan)

    tape.busy = True
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            step = step_of(potentials, numbers, spikes)
    finally:
        tape.busy = False
    # Values that are drawn at random have no step.
    drawn = 0 in potentials and set(out.unique().tolist()) <= {0.0, 1.0}
    return step or (Step() if drawn else None)


def _running(stack: ExitStack, net: torch.nn.Module) -> Callable[[], str]:
    """Return a function that returns the name of the running module."""
    names = [""]

    def leave(*_: Any) -> None:
        names.pop()

    for name, module in net.named_modules():
        if not name.endswith(SURROGATES):
            before = module.register_forward_pre_hook(lambda *_, name=name: names.append(name))
            stack.callback(before.remove)
            stack.callback(module.register_forward_hook(leave).remove)
    return lambda: names[-1] or "network"
