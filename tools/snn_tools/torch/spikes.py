"""The spike functions of a network's neurons are replaced for the length of a run.

What is replaced is `spike_grad` in snnTorch, `surrogate_function` in SpikingJelly, and the global
`threshold` of norse's modules. All other code of the network runs as it is.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor

Escape: TypeAlias = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From potentials minus threshold to the log-probabilities of a spike and of none.

Both must be finite where a probability rounds to 0 or 1, as log(1 - p) is not.
"""

ATTRIBUTES = ("spike_grad", "surrogate_function")
"""Where neurons keep their spike function."""

Function = Callable[[Tensor], Tensor]
Draw = Callable[[Function, Tensor, int], Tensor]
"""From a spike function, potentials and the number of sites before them to spikes."""


@dataclass(frozen=True)
class Sigmoid:
    r"""Logistic noise, :math:`p = 1/(1+e^{-\beta v})`: `snn.escape.Sigmoid` in PyTorch.

    Attributes:
        beta: steepness, 1/potential; the slope's peak is beta/4.
    """

    beta: float = 10.0

    def __call__(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """Return log p and log(1 - p)."""
        log_sigmoid = torch.nn.functional.logsigmoid
        return log_sigmoid(self.beta * v), log_sigmoid(-self.beta * v)


class Refused(ValueError):
    """A network whose true gradient would come out wrong."""


@dataclass(frozen=True)
class Site:
    """A question that a neuron asked once: the potentials of a layer, and the spikes it was told.

    Attributes:
        layer: name of the module that asked.
        function: its own spike function.
        v: potentials minus thresholds, ``(row, ...)``.
        s: spikes, same shape.
    """

    layer: str
    function: Function
    v: Tensor
    s: Tensor


@dataclass
class Tape:
    """Spikes of one run.

    Attributes:
        rows: size of the batch.
        escape: the noise that spikes are drawn from.
        draw: makes the spikes.
        surrogate: whether spikes have the derivative of the network's own function.
        log_prob: log-probability of each row's spikes.
        sites: what was asked, in order.
    """

    rows: int
    escape: Escape
    draw: Draw
    surrogate: bool = False
    log_prob: Tensor = field(default_factory=lambda: torch.zeros(()))
    sites: list[Site] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(site.v[0].numel() for site in self.sites)

    def fire(self, layer: str, function: Function, v: Tensor) -> Tensor:
        """Answer with the spikes of new potentials."""
        if v.ndim == 0 or len(v) != self.rows:
            raise Refused(
                f"{layer}: got potentials of shape {tuple(v.shape)}, expected the {self.rows} rows "
                "of the batch along their first axis. Let forward bring the batch there."
            )
        with torch.no_grad():
            s = self.draw(function, v, len(self)).to(v.dtype)
        log_p, log_not = self.escape(v)
        log_prob = torch.where(s > 0.5, log_p, log_not)
        self.log_prob = self.log_prob + log_prob.reshape(self.rows, -1).sum(dim=1)
        self.sites.append(Site(layer, function, v.detach(), s))
        if self.surrogate:
            own = function(v)
            s = s + (own - own.detach())
        return s


class Recorder(torch.nn.Module):
    """Stands for a spike function; a module, since neurons of SpikingJelly hold nothing else."""

    def __init__(
        self, function: Callable[..., Tensor], tape: Tape, layer: Callable[[], str]
    ) -> None:
        super().__init__()
        self.function, self.tape, self.layer = function, tape, layer
        self.last: tuple[Tensor, Tensor] | None = None
        self.again = False

    def forward(self, v: Tensor, *settings: Any) -> Tensor:
        """Return the spikes of potentials, which may have been asked for before."""

        def function(v: Tensor) -> Tensor:
            return self.function(v, *settings)

        if self.again:
            return self._again(function, v)
        s = self.tape.fire(self.layer(), function, v)
        self.last = v.detach(), s
        return s

    def _again(self, function: Function, v: Tensor) -> Tensor:
        """Answer where a neuron asks whether it has fired, to reset itself.

        A potential that has not moved has its answer. Others are no spikes: the state before the
        first step, and, where the reset is not delayed, what a reset has left above threshold.
        """
        hard = function(v.detach()).detach()
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
    """Let a tape answer the spike functions of a network; yields those of its modules, by name."""
    found = {}
    with ExitStack() as stack:
        for name, module in list(net.named_modules()):
            attribute = next((a for a in ATTRIBUTES if callable(getattr(module, a, None))), None)
            if attribute is not None:
                layer = name or "network"
                recorder = Recorder(getattr(module, attribute), tape, lambda layer=layer: layer)
                found[layer] = recorder
                _replace(stack, module, attribute, recorder)
        if norse := sys.modules.get("norse.torch.functional.threshold"):
            original = norse.threshold
            threshold = Recorder(original, tape, _running(stack, net))
            for name, module in list(sys.modules.items()):
                # Refractory neurons ask it whether a counter is positive.
                ours = name.startswith("norse.torch.functional.") and not name.endswith("_refrac")
                if ours and getattr(module, "threshold", None) is original:
                    _set(stack, vars(module), "threshold", threshold)
        yield found


def _replace(stack: ExitStack, module: torch.nn.Module, attribute: str, recorder: Recorder) -> None:
    """Put a recorder into a neuron; snnTorch asks in `mem_reset` whether it has fired."""
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


def _running(stack: ExitStack, net: torch.nn.Module) -> Callable[[], str]:
    """Keep the name of the module that runs."""
    names = ["network"]

    def leave(*_: Any) -> None:
        names.pop()

    for name, module in net.named_modules():
        before = module.register_forward_pre_hook(
            lambda *_, name=name: names.append(name or "network")
        )
        stack.callback(before.remove)
        stack.callback(module.register_forward_hook(leave).remove)
    return lambda: names[-1]


def _set(stack: ExitStack, owner: dict[str, Any], name: str, value: Any) -> None:
    """Set an entry, and undo it in the end."""
    if name in owner:
        stack.callback(owner.__setitem__, name, owner[name])
    else:
        stack.callback(owner.pop, name)
    owner[name] = value
