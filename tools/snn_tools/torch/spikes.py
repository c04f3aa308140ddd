"""Replace the spike functions of a network's neurons during a forward pass.

Replaced are `spike_grad` in snnTorch, `surrogate_function` in SpikingJelly, the global `threshold`
of norse's modules, and every other `torch.autograd.Function` whose values are a step, of the
network's own code or of a library. All other code of the network runs unchanged.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor

Escape: TypeAlias = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Function of potentials minus threshold: log-probabilities of a spike and of no spike.

Both must be finite even if a probability rounds to 0 or 1, unlike log(1 - p).
"""

ATTRIBUTES = ("spike_grad", "surrogate_function")
"""Attributes of neurons that may hold the spike function."""

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
    """Error for a network whose exact gradient would be wrong.

    Attributes:
        kind: kind of the finding that explains the refusal; "" without one.
    """

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Site:
    """Potentials of a layer at a step, and the spikes of the tape.

    Attributes:
        layer: name of the module.
        place: lines of the user's code that ask for the spikes, the innermost first.
        function: spike function of the module.
        v: potentials minus thresholds, ``(row, ...)``.
        s: spikes, same shape.
        call: number of the call.
    """

    layer: str
    place: tuple[Any, ...]
    function: Function
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
        calls: potentials of each call, and its spikes.
        repeats: earlier call with the same potentials, for each call that is a repetition.
        busy: whether a spike function of the network is evaluated by the tape.
        ran: names of the modules that ran.
        steps: the step in each spike function that was probed before, by its name; None for a
            function that is not a step.
        redrawn: layers whose neurons draw their reset separately from their spike.
        n_sites: number of spike sites of a row.
    """

    rows: int | None
    escape: Escape
    draw: Draw
    surrogate: bool = False
    given: bool = False
    log_prob: Tensor = field(default_factory=lambda: torch.zeros(()))
    sites: list[Site] = field(default_factory=list)
    calls: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)
    busy: bool = False
    ran: set[str] = field(default_factory=set)
    steps: dict[str, "Step | None"] = field(default_factory=dict)
    redrawn: set[str] = field(default_factory=set)
    n_sites: int = 0

    def __len__(self) -> int:
        return self.n_sites

    def fire(self, layer: str, function: Function, v: Tensor) -> Tensor:
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
        return s

    def _new(self, layer: str, function: Function, v: Tensor) -> Tensor:
        if self.rows is not None and (v.ndim == 0 or len(v) != self.rows):
            raise Refused(
                f"{layer}: got potentials of shape {tuple(v.shape)}, expected the {self.rows} rows "
                "of the batch along their first axis. Let forward bring the batch there."
            )
        self.busy = True
        try:
            with torch.no_grad():
                s = self.draw(function, v.detach(), len(self)).to(v.dtype)
            if self.rows is not None:
                log_p, log_not = self.escape(v)
                log_prob = torch.where(s > 0.5, log_p, log_not)
                self.log_prob = self.log_prob + log_prob.reshape(self.rows, -1).sum(dim=1)
            self.sites.append(Site(layer, _place(), function, v.detach(), s, len(self.calls)))
            self.n_sites += v[0].numel()
            if self.given:
                s = s.clone().requires_grad_()
            if self.surrogate:
                own = function(v)
                s = s + (own - own.detach())
        finally:
            self.busy = False
        return s

    def layer_of(self, call: int) -> str:
        """Return the layer of a call, while no call was a repetition."""
        return self.sites[call].layer

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


OURS = ("/torch/", "/snn_tools/", "/snntorch/", "/spikingjelly/", "/norse/")


def _place() -> tuple[Any, ...]:
    """Return the lines of the user's code that are running, the innermost first."""
    frame, lines = sys._getframe(1), []
    while frame is not None and len(lines) < 6:
        name = frame.f_code.co_filename
        if not any(part in name for part in OURS):
            lines.append((name, frame.f_lineno))
        frame = frame.f_back
    return tuple(lines)


@dataclass(frozen=True)
class Step:
    """Threshold of a step function of several arguments.

    Attributes:
        operand: position of the potential among the arguments.
        offset: the threshold if all arguments in `weights` are 0.
        weights: change of the threshold with each other argument, by position.
    """

    operand: int = 0
    offset: float = 0.0
    weights: tuple[tuple[int, float], ...] = ()

    def threshold(self, args: tuple[Any, ...]) -> Any:
        """Return the threshold for these arguments, 0 if there is none."""
        return self.offset + sum(w * args[k] for k, w in self.weights)


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

    def doubled(self) -> "Call | None":
        """Return the call with the last setting doubled; None without a number as last setting."""
        if not self.settings or not isinstance(self.settings[-1], float | int | Tensor):
            return None
        settings = (*self.settings[:-1], 2 * self.settings[-1])
        return Call(self.function, settings, self.operand, self.threshold)


PROBES = 10.0 ** torch.arange(-3, 3.1, 0.25)


def threshold_of(function: Function, like: Tensor) -> float | None:
    """Return the threshold of a step function for the first neuron; None for another function.

    Potentials from -1e3 to 1e3 are tried. A function of random values has its middle there.
    """

    def spikes(at: Tensor) -> Tensor:
        try:
            s = function(at.clone())
        except Exception:  # settings in the shape of the layer
            s = torch.stack([function(torch.full_like(like, float(x))).reshape(-1)[0] for x in at])
        return s.detach().double().cpu()

    at = torch.cat([-PROBES.flip(0), PROBES]).to(like)
    low, high = -1e3, 1e3
    while high - low > 1e-5 * max(1.0, abs(low)):
        s = spikes(at)
        if s.shape != at.shape or not set(s.tolist()) <= {0.0, 1.0}:
            return None
        if bool((s.diff() < 0).any()) or not (s[0] == 0 and s[-1] == 1):
            return None
        last = int((s == 0).sum())
        low, high = float(at[last - 1]), float(at[last])
        if low < 0 < high:
            return 0.0
        at = torch.linspace(low, high, 9).to(like)
    # A step at a round number is meant to be there.
    middle = (low + high) / 2
    return round(middle, 3) if abs(middle - round(middle, 3)) < 1e-4 else middle


def step_of(function: Callable[..., Tensor], args: tuple[Any, ...], out: Tensor) -> Step | None:
    """Return the step of a function of several arguments; None for another function."""
    numbers = [isinstance(x, Tensor) and x.is_floating_point() for x in args]
    for operand, v in enumerate(args):
        if not (numbers[operand] and v.shape == out.shape):
            continue

        def threshold(args: tuple[Any, ...], operand: int = operand, v: Tensor = v) -> float | None:
            settings = tuple(arg for k, arg in enumerate(args) if k != operand)
            return threshold_of(Call(function, settings, operand), v.detach())

        ones = tuple(torch.ones_like(x) if n else x for x, n in zip(args, numbers, strict=True))
        if (at_one := threshold(ones)) is not None:
            weights = []
            for k in range(len(args)):
                if numbers[k] and k != operand:
                    moved = threshold((*ones[:k], ones[k] + 1, *ones[k + 1 :]))
                    weight = 0.0 if moved is None else round(moved - at_one, 3)
                    weights += [(k, weight)] * (weight != 0)
            return Step(operand, at_one - sum(w for _, w in weights), tuple(weights))
        if operand == 0 and set(out.unique().tolist()) <= {0.0, 1.0}:
            return Step()
    return None


class Recorder(torch.nn.Module):
    """Replacement of a spike function; a module, because SpikingJelly stores only modules."""

    def __init__(
        self, function: Callable[..., Tensor], tape: Tape, layer: Callable[[], str]
    ) -> None:
        super().__init__()
        self.function, self.tape, self.layer = function, tape, layer
        self.last: tuple[Tensor, Tensor] | None = None
        self.again = False
        self.random: bool | None = None

    def forward(self, v: Tensor, *settings: Any) -> Tensor:
        """Return spikes; a neuron may call twice for the same potentials."""
        if self.again:
            return self._again(Call(self.function, settings), v)
        name = self.layer()
        if name not in self.tape.steps:
            self.tape.steps[name] = Step(0, self._threshold(Call(self.function, settings), v))
        threshold = (self.tape.steps[name] or Step()).offset
        function = Call(self.function, settings, threshold=threshold)
        s = self.tape.fire(name, function, v - threshold if threshold else v)
        self.last = v.detach(), s
        return s

    def _threshold(self, function: Function, v: Tensor) -> float:
        """Return the potential of the step, or 0 if it cannot be found."""
        self.tape.busy = True
        try:
            with torch.no_grad(), torch.random.fork_rng(devices=[]):
                return threshold_of(function, v.detach()) or 0.0
        except Exception:  # of a function that takes only the shape of the layer
            return 0.0
        finally:
            self.tape.busy = False

    def _again(self, function: Function, v: Tensor) -> Tensor:
        """Return spikes for a neuron that calls again, to reset itself.

        Unchanged potentials have their spikes already. Other potentials belong to no spike: the
        state before the first step, and, without delay, a potential above threshold after a reset.
        """
        self.tape.busy = True
        if self.random is None:
            with torch.random.fork_rng(devices=[]):
                first, second = function(v.detach()), function(v.detach())
            self.random = not torch.equal(first, second)
        if self.random:
            self.tape.redrawn.add(self.layer())
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                hard = function(v.detach()).detach()
        else:
            hard = function(v.detach()).detach()
        self.tape.busy = False
        if self.last is None:
            return hard
        u, s = self.last
        if u.shape != v.shape:
            raise Refused(
                f"{self.layer()}: got a reset by other potentials {tuple(v.shape)} than those that "
                f"fire {tuple(u.shape)}, expected the same neurons."
            )
        return torch.where(v == u, s, hard)


@contextmanager
def recorded(net: torch.nn.Module, tape: Tape) -> Iterator[dict[str, Recorder]]:
    """Replace the spike functions of a network by recorders of a tape; yield these by name."""
    recorders = {}
    with ExitStack() as stack:
        running = _running(stack, net, tape.ran)
        for name, module in list(net.named_modules()):
            attribute = next((a for a in ATTRIBUTES if callable(getattr(module, a, None))), None)
            if attribute is not None:
                layer = name or "network"
                recorder = Recorder(getattr(module, attribute), tape, lambda layer=layer: layer)
                recorders[layer] = recorder
                _replace(stack, module, attribute, recorder)
        if norse := sys.modules.get("norse.torch.functional.threshold"):
            original = norse.threshold
            threshold = Recorder(original, tape, running)
            for name, module in list(sys.modules.items()):
                # Refractory neurons also call `threshold` to see whether a counter is positive.
                ours = name.startswith("norse.torch.functional.") and not name.endswith("_refrac")
                if ours and getattr(module, "threshold", None) is original:
                    _set(stack, vars(module), "threshold", threshold)
        for kind in _step_functions():
            _intercept(stack, kind, tape, running)
        yield recorders


def _replace(stack: ExitStack, module: torch.nn.Module, attribute: str, recorder: Recorder) -> None:
    """Put a recorder into a neuron; `mem_reset` of snnTorch calls the spike function again."""
    owner = module._modules if attribute in module._modules else vars(module)
    _set(stack, owner, attribute, recorder)
    reset: Any = getattr(module, "mem_reset", None)
    if callable(reset):

        def mem_reset(mem: Tensor) -> Any:
            recorder.again = True
            try:
                return reset(mem)
            finally:
                recorder.again = False

        _set(stack, vars(module), "mem_reset", mem_reset)


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
            threshold = step.threshold(args)
            v = args[step.operand]
            fixed = threshold.detach() if isinstance(threshold, Tensor) else threshold
            function = Call(kind.apply, settings, step.operand, fixed)
            s = tape.fire(layer(), function, v - threshold if step.offset or step.weights else v)
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
        stack.callback(_restore, kind, method, kind.__dict__.get(method))
        setattr(kind, method, staticmethod(function))


def _in_refractory() -> bool:
    """Return whether a refractory neuron of norse asks if its counter is positive: no spike."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.endswith("_refrac.py"):
            return True
        frame = frame.f_back
    return False


def _restore(kind: Any, name: str, old: Any) -> None:
    if old is None:
        delattr(kind, name)
    else:
        setattr(kind, name, old)


def _step_in(kind: Any, args: tuple[Any, ...], out: Tensor, tape: Tape) -> Step | None:
    """Return the step of an autograd function; None if its values are none."""
    tape.busy = True
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            return step_of(kind.apply, args, out)
    finally:
        tape.busy = False


def _running(stack: ExitStack, net: torch.nn.Module, ran: set[str]) -> Callable[[], str]:
    """Return a function that returns the name of the running module; collect the names in a set."""
    names = ["network"]

    def enter(name: str) -> None:
        names.append(name)
        ran.add(name)

    def leave(*_: Any) -> None:
        names.pop()

    for name, module in net.named_modules():
        before = module.register_forward_pre_hook(lambda *_, name=name: enter(name or "network"))
        stack.callback(before.remove)
        stack.callback(module.register_forward_hook(leave).remove)
    return lambda: names[-1]


def _set(stack: ExitStack, owner: dict[str, Any], name: str, value: Any) -> None:
    """Set an entry, and restore the old one at the end."""
    if name in owner:
        stack.callback(owner.__setitem__, name, owner[name])
    else:
        stack.callback(owner.pop, name)
    owner[name] = value
