"""Replace the spike functions of a network's neurons during a forward pass.

Replaced are `spike_grad` in snnTorch, `surrogate_function` in SpikingJelly, and the global
`threshold` of norse's modules. All other code of the network runs unchanged.
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
    """Error for a network whose true gradient would be wrong."""


@dataclass(frozen=True)
class Site:
    """Potentials of a layer at a step, and the spikes of the tape.

    Attributes:
        layer: name of the module.
        function: spike function of the module.
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
        escape: the escape noise.
        draw: draws the spikes.
        surrogate: whether spikes have the derivative of the network's own function.
        log_prob: log-probability of each row's spikes.
        sites: potentials and spikes, in the order of the calls.
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
        """Return spikes for new potentials.

        Args:
            layer: name of the layer.
            function: the network's own spike function.
            v: potentials minus threshold, rows first.

        Raises:
            Refused: if the rows are not those of the batch.
        """
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


@dataclass(frozen=True)
class Call:
    """Spike function with its settings, as a function of potentials alone.

    Attributes:
        function: the network's spike function.
        settings: further arguments; norse passes the name of the surrogate and its alpha.
    """

    function: Callable[..., Tensor]
    settings: tuple[Any, ...] = ()

    def __call__(self, v: Tensor) -> Tensor:
        """Return the network's own spikes."""
        return self.function(v, *self.settings)

    def doubled(self) -> "Call | None":
        """Return the call with the last setting doubled; None without a numeric setting."""
        if not self.settings or not isinstance(self.settings[-1], float | int | Tensor):
            return None
        return Call(self.function, (*self.settings[:-1], 2 * self.settings[-1]))


class Recorder(torch.nn.Module):
    """Replacement of a spike function; a module, because SpikingJelly stores only modules."""

    def __init__(
        self, function: Callable[..., Tensor], tape: Tape, layer: Callable[[], str]
    ) -> None:
        super().__init__()
        self.function, self.tape, self.layer = function, tape, layer
        self.last: tuple[Tensor, Tensor] | None = None
        self.again = False

    def forward(self, v: Tensor, *settings: Any) -> Tensor:
        """Return spikes; a neuron may call twice for the same potentials."""
        function = Call(self.function, settings)
        if self.again:
            return self._again(function, v)
        s = self.tape.fire(self.layer(), function, v)
        self.last = v.detach(), s
        return s

    def _again(self, function: Function, v: Tensor) -> Tensor:
        """Return spikes for a neuron that calls again, to reset itself.

        Unchanged potentials have their spikes already. Other potentials belong to no spike: the
        state before the first step, and, without delay, a potential above threshold after a reset.
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
    """Replace the spike functions of a network by recorders of a tape; yield these by name."""
    recorders = {}
    with ExitStack() as stack:
        for name, module in list(net.named_modules()):
            attribute = next((a for a in ATTRIBUTES if callable(getattr(module, a, None))), None)
            if attribute is not None:
                layer = name or "network"
                recorder = Recorder(getattr(module, attribute), tape, lambda layer=layer: layer)
                recorders[layer] = recorder
                _replace(stack, module, attribute, recorder)
        if norse := sys.modules.get("norse.torch.functional.threshold"):
            original = norse.threshold
            threshold = Recorder(original, tape, _running(stack, net))
            for name, module in list(sys.modules.items()):
                # Refractory neurons also call `threshold` to see whether a counter is positive.
                ours = name.startswith("norse.torch.functional.") and not name.endswith("_refrac")
                if ours and getattr(module, "threshold", None) is original:
                    _set(stack, vars(module), "threshold", threshold)
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


def _running(stack: ExitStack, net: torch.nn.Module) -> Callable[[], str]:
    """Return a function that returns the name of the running module."""
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
    """Set an entry, and restore the old one at the end."""
    if name in owner:
        stack.callback(owner.__setitem__, name, owner[name])
    else:
        stack.callback(owner.pop, name)
    owner[name] = value
