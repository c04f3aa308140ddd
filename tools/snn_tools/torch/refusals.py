"""Refuse networks whose exact gradient would be wrong."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from snn_tools.torch.program import Program, Run, own
from snn_tools.torch.spikes import Refused, Tape, recorded

COMPARISONS = {"gt", "ge", "lt", "le", "greater", "less", "heaviside", "sign", "bernoulli"}
"""Operations that make or draw spikes, in lower case and without underscores."""

COMPILED = "compiled code, whose spikes cannot be replaced: pass the module itself"
BY_NAME = {
    "BatchNorm": "statistics of the batch, which mix its rows: call .eval() on it",
    "Dropout": "noise of its own: call .eval() on it",
    "ScriptModule": COMPILED,
    "OptimizedModule": COMPILED,
}
"""Modules that are refused, those with `.eval()` only in training mode."""


class Replay(NamedTuple):
    """Result of a replay.

    Attributes:
        sites: spike sites of an example.
        redrawn: layers that draw a spike twice from the same potential.
    """

    sites: int
    redrawn: tuple[str, ...]


def refuse_by_name(net: torch.nn.Module) -> None:
    """Refuse modules that mix the rows of a batch, draw noise of their own, or are compiled.

    Raises:
        Refused: for the modules of `BY_NAME`.
    """
    for name, module in net.named_modules():
        kinds = [kind.__name__ for kind in type(module).__mro__]
        for kind, why in BY_NAME.items():
            active = why == COMPILED or module.training and getattr(module, "p", 1) != 0
            if active and any(kind in own for own in kinds):
                kind = type(module).__name__
                raise Refused(f"{name or 'network'}: got {kind} with {why}.")


def replayed(program: Program) -> Replay | None:
    """Replay the network's own spikes, and refuse a network that then behaves differently.

    Calls that repeat an earlier one are found here, once for all later runs.

    Returns:
        The replay; None if the network draws its spikes itself, and a neuron sends one spike and
        resets by another.

    Raises:
        Refused: if the network is not repeatable, has spikes that were not replaced, or mixes the
            rows of a batch.
    """
    refuse_by_name(program.net)
    if not program.parameters:
        raise Refused("net: got no parameter that requires a gradient, expected at least one.")
    first = program.run(1, own)
    random = _random(first.tape)
    program.repeats.update(first.tape.find_repeats())
    again = {first.tape.sites[k].layer for k in program.repeats} | first.tape.resets
    if random:  # its second draw differs from the first, and is another spike
        program.repeats.clear()
    with torch.no_grad():
        plain = program.plain()[1]
    tapes = [
        Tape(len(program.batch[0]), program.escape, own, repeats=program.repeats) for _ in range(2)
    ]
    for tape in tapes:
        with recorded(program.net, tape), Comparisons(tape) as compared:
            output = program.forward(program.net, program.batch[0])
    if compared.redrawn:
        return None
    refuse_other_potentials(*tapes)
    if compared.names or not tape.sites:
        who = ", ".join(f"a comparison ({name})" for name in sorted(compared.names))
        raise Refused(
            f"spikes: got some that were not seen, of {who or 'the network'}. Expected all from a "
            "torch.autograd.Function whose values are a step, such as a library's surrogate."
        )
    if not random and not _same(plain, output):
        raise Refused("spikes: got another output when the network's own spikes were replayed.")
    if _mixes_rows(program):
        raise Refused(
            "net: got losses or potentials that depend on other rows of the batch, expected rows "
            "that are independent: no mean or sum over the first axis."
        )
    return Replay(tape.size, tuple(sorted(again & random)))


def refuse_other_potentials(a: Tape, b: Tape) -> None:
    """Refuse a network that keeps its state or draws noise.

    Raises:
        Refused: if potentials differ.
    """
    if not _same(*([site.v for site in tape.sites] for tape in (a, b))):
        raise Refused(
            "forward: got other potentials for the same input, expected the same twice. Start from "
            "a fresh state (neuron.reset_mem(), functional.reset_net(net)), and draw no noise."
        )


def _random(tape: Tape) -> set[str]:
    """Return the layers whose own spike function draws its values."""
    layers = set()
    for site in tape.sites:
        if site.layer not in layers:
            v = torch.zeros_like(site.v)
            with torch.no_grad(), torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                draws = [site.function(v) for _ in range(4)]
            if any(not torch.equal(draws[0], other) for other in draws[1:]):
                layers.add(site.layer)
    return layers


def _mixes_rows(program: Program) -> bool:
    """Return whether half of the rows depend on the spikes of the other half, given all spikes."""

    def by_spikes(run: Run) -> bool:
        half = run.losses.numel() // 2
        spikes = [s for _, s in run.tape.calls if s.requires_grad]
        values = [run.losses.reshape(-1), *(v for v, _ in run.tape.calls)]
        some = torch.stack([x[:half].sum() for x in values]).sum()
        if not (spikes and some.requires_grad):
            return False
        gradients = torch.autograd.grad(some, spikes, allow_unused=True, materialize_grads=True)
        return any(bool((g[half:].abs() > 0).any()) for g in gradients)

    return program.run(2, own, inside=by_spikes, given=True)


class Comparisons(TorchFunctionMode):
    """Records comparisons of values that depend on parameters: thresholds without a derivative.

    Attributes:
        names: names of the comparisons.
        redrawn: whether two comparisons with random numbers, or two Bernoulli draws, have the same
            probabilities and other results.
    """

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self.tape = tape
        self.names: set[str] = set()
        self.redrawn = False
        self.draws: list[tuple[Tensor, Tensor]] = []

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "").strip("_")
        values = [x.detach() for x in args if isinstance(x, Tensor) and x.requires_grad]
        if name in COMPARISONS and values and not self.tape.busy:
            self.names.add(name)
            same = [s for v, s in self.draws[-2:] if torch.equal(v, values[0])]
            self.redrawn |= any(not torch.equal(s, out) for s in same)
            self.draws.append((values[0], out.detach()))
        return out


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)


def _same(a: Any, b: Any) -> bool:
    """Return whether outputs agree up to rounding."""
    a, b = list(_tensors(a)), list(_tensors(b))
    return [x.shape for x in a] == [x.shape for x in b] and all(map(_close, a, b))


def _close(x: Tensor, y: Tensor) -> bool:
    if not x.is_floating_point() or not x.numel():
        return torch.equal(x, y)
    scale = max(1.0, float(x.detach().abs().max()))
    atol = 1e3 * torch.finfo(x.dtype).eps * scale
    return torch.allclose(x, y.to(x.dtype), rtol=0.0, atol=atol, equal_nan=True)
