"""Run a PyTorch network on spikes from the caller."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from snn_tools.shared.batches import Group, grouped
from snn_tools.shared.step import Step
from snn_tools.torch.spikes import Draw, Escape, Function, Refused, Tape, of_another_axis, recorded


class Run(NamedTuple):
    """Result of a forward pass: losses, ``(copy, example)``, spikes, and the network's output."""

    losses: Tensor
    tape: Tape
    output: Any


@dataclass(frozen=True)
class Program:
    """A network with its input, loss and noise.

    Attributes:
        net: the module whose parameters are differentiated.
        forward: ``(net, inputs) -> output``; it starts from a fresh state.
        x: inputs, or a tuple of inputs and targets; examples along the first axis.
        loss: ``(output, *targets) -> losses``, one for each example.
        escape: the escape noise of all neurons.
        repeats: calls of spike functions that repeat an earlier one, see `replayed`.
        steps: the step in each spike function, see `Tape`.
    """

    net: torch.nn.Module
    forward: Callable[..., Any]
    x: Tensor | tuple[Tensor, ...]
    loss: Callable[..., Tensor]
    escape: Escape
    repeats: dict[int, int] = field(default_factory=dict)
    steps: dict[str, Step | None] = field(default_factory=dict)

    @cached_property
    def batch(self) -> tuple[Tensor, ...]:
        """Return inputs and targets."""
        return self.x if isinstance(self.x, tuple) else (self.x,)

    @cached_property
    def parameters(self) -> dict[str, Tensor]:
        """Return the parameters that are differentiated, by name."""
        return {name: p for name, p in self.net.named_parameters() if p.requires_grad}

    def groups(self) -> list[Group]:
        """List the groups: all parameters, each module, and each array of a module with several."""
        arrays, start = [], 0
        for name, p in self.parameters.items():
            arrays.append(Group(name, np.arange(start, start + p.numel())))
            start += p.numel()
        return grouped(arrays, [name.rpartition(".")[0] for name in self.parameters])

    def split(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """Split flat gradients, along the last axis, into those of the parameters by name."""
        ends = np.cumsum([p.numel() for p in self.parameters.values()])
        return dict(zip(self.parameters, np.split(flat, ends[:-1], axis=-1), strict=True))

    def run(
        self,
        copies: int,
        draw: Draw,
        surrogate: bool = False,
        inside: Callable[[Run], Any] | None = None,
        **more: Any,
    ) -> Any:
        """Run copies of the batch side by side, with spikes from ``draw``.

        Args:
            copies: number of copies of the batch.
            draw: function that returns the spikes of a layer.
            surrogate: whether spikes have the derivative of the network's own functions.
            inside: function of the run that is called while spike functions are still replaced,
                for backward passes without them.
            more: other settings of the tape.

        Returns:
            Losses, the record of all spikes, and the output; or what ``inside`` returns.
        """
        inputs, *targets = (torch.cat([t] * copies) for t in self.batch)
        more |= {"repeats": self.repeats, "steps": self.steps}
        tape = Tape(len(inputs), self.escape, draw, surrogate, **more)
        with recorded(self.net, tape):
            output = self.forward(self.net, inputs)
            run = Run(self.losses(output, targets, copies), tape, output)
            return inside(run) if inside else run

    def plain(self) -> tuple[Tensor, Any]:
        """Run the unchanged network; return losses and output."""
        inputs, *targets = self.batch
        output = self.forward(self.net, inputs)
        return self.losses(output, targets, 1), output

    def losses(self, output: Any, targets: list[Tensor], copies: int) -> Tensor:
        """Return the losses of an output, ``(copy, example)``."""
        rows = copies * len(self.batch[0])
        try:
            losses = self.loss(output, *targets)
        except (IndexError, RuntimeError, ValueError) as error:
            if isinstance(output, Tensor) and output.shape[:1] != (rows,):
                raise of_another_axis("forward: got an output", output, rows) from error
            raise
        if not isinstance(losses, Tensor) or losses.shape != (rows,):
            got = tuple(losses.shape) if isinstance(losses, Tensor) else type(losses).__name__
            raise Refused(
                f"loss: got {got}, expected one number for each of {rows} examples, ({rows},), "
                "since patterns are weighted one by one. Take no mean over the batch "
                '(reduction="none"), and let forward bring the batch to the first axis.'
            )
        return losses.reshape(copies, -1)

    def gradient(self, value: Tensor) -> np.ndarray:
        """Differentiate a number with respect to all parameters, as one vector in float64."""
        leaves = list(self.parameters.values())
        gradients = [torch.zeros_like(leaf) for leaf in leaves]
        if value.requires_grad:
            gradients = torch.autograd.grad(
                value, leaves, allow_unused=True, materialize_grads=True
            )
        return np.concatenate([g.detach().cpu().double().numpy().ravel() for g in gradients])


def own(function: Function, v: Tensor, first: int) -> Tensor:
    """Return the network's own spikes; of a random function always the same ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(first)
        return function(v.detach()).detach()


def without_noise(function: Function, v: Tensor, first: int) -> Tensor:
    """Return a spike where the potential is above threshold."""
    return v > 0


def fixed(spikes: list[Tensor]) -> Draw:
    """Return a draw of given spikes, one array for each site, in the order of the sites."""
    rest = iter(spikes)
    return lambda function, v, first: next(rest)


def sampled(escape: Escape, generator: torch.Generator) -> Draw:
    """Return a draw from the escape noise."""

    def draw(function: Function, v: Tensor, first: int) -> Tensor:
        uniform = torch.rand(v.shape, generator=generator, dtype=torch.float64)
        return uniform.to(v.device) < escape(v)[0].exp()

    return draw


def layers_in(tape: Tape) -> dict[str, list[int]]:
    """Group the sites of a run by layer, in the order of their first spikes.

    Sites of a layer have one module, one shape, and weights of their own.
    """
    groups: dict[Any, list[int]] = {}
    for k, site in enumerate(tape.sites):
        groups.setdefault((site.layer, site.v.shape[1:]), []).append(k)
    weights = _direct_weights(tape)
    parts = [(key[0], part) for key, members in groups.items() for part in _apart(members, weights)]
    names = [layer for layer, _ in parts]
    out: dict[str, list[int]] = {}
    for layer, members in sorted(parts, key=lambda part: part[1][0]):
        number = sum(name.partition("#")[0] == layer for name in out)
        out[f"{layer}#{number}" if names.count(layer) > 1 else layer] = members
    return out


def _apart(members: list[int], weights: list[frozenset[int]]) -> list[list[int]]:
    """Split sites of one module whose potentials have no weights in common.

    Weights of all sites, such as a decay that layers share, tell nothing.
    """
    shared = frozenset.intersection(*(weights[k] for k in members))
    if not all(weights[k] - shared for k in members):
        return [members]
    parts: list[tuple[frozenset[int], list[int]]] = []
    for k in members:
        own, together = weights[k] - shared, [k]
        for part in [part for part in parts if part[0] & own]:
            parts.remove(part)
            own, together = own | part[0], part[1] + together
        parts.append((own, together))
    return [sorted(together) for _, together in parts]


def _direct_weights(tape: Tape) -> list[frozenset[int]]:
    """Return the leaves that each site's potentials depend on, but not by spikes."""
    spikes = [s for _, s in tape.calls]
    ends, leaves = {s.grad_fn for s in spikes}, {id(s) for s in spikes}
    reached: dict[Any, frozenset[int]] = {None: frozenset(), **dict.fromkeys(ends, frozenset())}
    for v, _ in tape.calls:
        todo = [v.grad_fn]
        while todo:
            node = todo[-1]
            below = [] if node in reached else [node for node, _ in node.next_functions]
            if unseen := [node for node in below if node not in reached]:
                todo += unseen
                continue
            todo.pop()
            if node not in reached:
                leaf = getattr(node, "variable", None)
                own = frozenset() if leaf is None or id(leaf) in leaves else frozenset([id(leaf)])
                reached[node] = own.union(*(reached[node] for node in below))
    return [reached[tape.calls[site.call][0].grad_fn] for site in tape.sites]
