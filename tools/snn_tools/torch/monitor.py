"""Monitor of a training loop: spikes, reach of the surrogate and sizes of gradients."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from snn_tools.shared.monitor import layer_numbers
from snn_tools.shared.step import Step
from snn_tools.torch.program import layers_in
from snn_tools.torch.shapes import derivative, shape_of, stacked
from snn_tools.torch.spikes import Escape, Function, Sigmoid, Tape, recorded


class Monitor:
    """Numbers of every fiftieth step, as a dictionary for any logger.

    ::

        monitor = Monitor(net, every=50)
        for step, (x, y) in enumerate(loader):
            with monitor(step) as numbers:
                loss = criterion(net(x), y)
                loss.backward()
            if numbers:
                wandb.log(numbers, step)   # or writer.add_scalars("snn", numbers, step)
            optimizer.step()
            optimizer.zero_grad()
    """

    def __init__(
        self,
        net: torch.nn.Module,
        escape: Escape = Sigmoid(4.0),  # noqa: B008
        every: int = 50,
    ) -> None:
        """Make a monitor.

        Args:
            net: the network that is trained.
            escape: noise of the numbers "with noise".
            every: number of steps from one measurement to the next.
        """
        self.net, self.escape, self.every = net, escape, every
        self.middles: dict[str, tuple[float, float]] = {}
        self.steps: dict[str, Step | None] = {}

    @contextmanager
    def __call__(self, step: int) -> Iterator[dict[str, float]]:
        """Record a step inside a with block; the dictionary is filled at its end, if it is due."""
        numbers: dict[str, float] = {}
        if step % self.every:
            yield numbers
            return
        tape = Tape(None, self.escape, _as_it_is, surrogate=True, steps=self.steps)

        def keep(*_: object) -> None:
            for _, s in tape.calls:
                if s.requires_grad:
                    s.retain_grad()

        hook = self.net.register_forward_hook(keep)
        try:
            with recorded(self.net, tape):
                yield numbers
        finally:
            hook.remove()
        numbers |= self._numbers(tape)

    def _numbers(self, tape: Tape) -> dict[str, float]:
        numbers: dict[str, float] = {}
        for name, members in layers_in(tape).items():
            sites = [tape.sites[k] for k in members]
            if name not in self.middles:
                self.middles[name] = shape_of(sites[0].function, sites[0].v).middle
            with torch.no_grad():
                p = stacked(self.escape(x.v)[0].exp() for x in sites)
            s, v = stacked(x.s for x in sites), stacked(x.v for x in sites)
            grads = [tape.calls[site.call][1].grad for site in sites]
            error = None
            if all(g is not None for g in grads):
                pairs = zip(sites, grads, strict=True)
                error = stacked(g * derivative(x.function, x.v) for x, g in pairs)
            own_numbers = layer_numbers(s, v, p, self.middles[name], error)
            numbers |= {f"{name}/{key}": value for key, value in own_numbers.items()}
        for name, parameter in self.net.named_parameters():
            if parameter.grad is not None:
                numbers[f"gradient/{name}"] = float(parameter.grad.norm())
        return numbers


def _as_it_is(function: Function, v: torch.Tensor, first: int) -> torch.Tensor:
    return function(v)
