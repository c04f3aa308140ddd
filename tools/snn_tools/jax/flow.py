"""Follow spikes through a traced program: resets detached by hand, and comparisons of spikes.

A reset such as ``u - stop_gradient(s)`` stops a value that is computed from spikes and constants
alone. `follow` removes these stops, and restores the derivative that the author left out.

Two kinds of stop are suspect, because they may not belong to a reset. If the stopped value enters a
product with weights, the stop may cut a synapse. If the stopped value is added to the same spikes
without a stop, it may scale their derivative, as in ``2 * s - stop_gradient(s)``. A suspect is
harmless if the loss does not depend on the stopped value: `jax.nn.log_softmax` and
`jax.nn.logsumexp` subtract ``stop_gradient(x.max())``, which cancels. Callers compare gradients.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jax.extend.core import ClosedJaxpr, Literal, jaxpr_as_fun
from jax.extend.core.primitives import copy_p

from snn.estimators.base import jaxprs_in
from snn.spikes import _with_slope
from snn_tools.jax.step_calls import OPENED, name_of, parts_of_scan

PRODUCTS = ("dot_general", "conv_general_dilated")
COMPARISONS = ("gt", "lt", "ge", "le", "eq", "ne", "round", "floor", "ceil", "sign", "argmax")


class Provenance(NamedTuple):
    """How a value is computed from spikes and constants.

    Attributes:
        roots: the spikes, or a loop's states computed from spikes; empty for a constant.
        stopped: whether the value is behind a `stop_gradient`.
        stops: ids of the `stop_gradient` equations that the value has passed.
    """

    roots: frozenset[Any] = frozenset()
    stopped: bool = False
    stops: frozenset[int] = frozenset()


CONSTANT = Provenance()

Origin = Provenance | None
"""Provenance of a value; None if the value depends on anything but spikes and constants."""


@dataclass
class Notes:
    """Observations during one pass over a program.

    Attributes:
        exempt: ids of the stops that this pass treats as constants and leaves in place.
        suspects: ids of the stops that may cut a synapse or scale a derivative.
        opened: whether this pass removed a stop.
        comparisons: names of the primitives that compare or round spikes, if a result is used.
        counted: whether the result of a comparison becomes a number, as in ``(s > 0.5).sum()``.
    """

    exempt: frozenset[int] = frozenset()
    suspects: set[int] = field(default_factory=set)
    opened: bool = False
    comparisons: dict[str, None] = field(default_factory=dict)
    counted: bool = False

    def merge(self, other: "Notes") -> None:
        """Add the observations of another pass."""
        self.suspects |= other.suspects
        self.opened |= other.opened
        self.comparisons |= other.comparisons
        self.counted |= other.counted


Function = Callable[..., list[Any]]


class Flow(NamedTuple):
    """Stops and comparisons of spikes in a traced program.

    Attributes:
        opened: the program without the stops of its resets; None if it has none.
        without_suspects: the program without the suspect stops alone; None if it has none.
        comparisons: names of the primitives that compare spikes, round or cast them to integers.
        counted: whether the result of a comparison becomes a number, as in ``(s > 0.5).sum()``.
    """

    opened: Function | None
    without_suspects: Function | None
    comparisons: tuple[str, ...]
    counted: bool


def follow(traced: ClosedJaxpr) -> Flow:
    """Follow the spikes of a traced program; its arguments do not count as constants."""
    notes, opened = _pass(traced, frozenset())
    while notes.suspects:  # behind an exempt stop others may be suspect
        notes, opened = _pass(traced, notes.exempt | notes.suspects)
    without = _without(traced.jaxpr, notes.exempt)
    return Flow(
        _callable(opened, traced) if notes.opened else None,
        _callable(without, traced) if notes.exempt else None,
        tuple(notes.comparisons),
        notes.counted,
    )


def _callable(jaxpr: Any, traced: ClosedJaxpr) -> Function:
    return jaxpr_as_fun(ClosedJaxpr(jaxpr, traced.consts))


def _pass(traced: ClosedJaxpr, exempt: frozenset[int]) -> tuple[Notes, Any]:
    """Remove all stops of spikes but the exempt ones; return the observations and the program."""
    notes = Notes(exempt)
    return notes, _followed(traced.jaxpr, [None] * len(traced.jaxpr.invars), notes)[1]


def _without(jaxpr: Any, stops: frozenset[int]) -> Any:
    """Remove these stops from a program, whatever they stop."""
    equations = []
    for eqn in jaxpr.eqns:
        if id(eqn) in stops:
            eqn = _removed(eqn)
        elif eqn.primitive.name in (*OPENED, "scan"):
            (inner,) = jaxprs_in(eqn)
            eqn = _with_inner(eqn, _without(inner, stops))
        equations.append(eqn)
    return jaxpr.replace(eqns=equations)


def _removed(stop: Any) -> Any:
    """Turn a `stop_gradient` into a copy."""
    return stop.replace(primitive=copy_p, params={})


def _with_inner(eqn: Any, inner: Any) -> Any:
    """Replace the program that an equation calls."""
    key = "jaxpr" if "jaxpr" in eqn.params else "call_jaxpr"
    old = eqn.params[key]
    new = ClosedJaxpr(inner, old.consts) if hasattr(old, "consts") else inner
    return eqn.replace(params={**eqn.params, key: new})


def _followed(jaxpr: Any, inputs: list[Origin], notes: Notes) -> tuple[list[Origin], Any]:
    """Return the origins of a program's outputs, and the program without its stops."""
    origins: dict[Any, Origin] = dict(zip(jaxpr.invars, inputs, strict=True))

    def origin(var: Any) -> Origin:
        return CONSTANT if isinstance(var, Literal) else origins.get(var, CONSTANT)

    equations, live = [], _live(jaxpr)
    for eqn in jaxpr.eqns:
        # The result of a comparison may be unused, as that of `sign` in `jax.nn.logsumexp` is.
        used = not live.isdisjoint(eqn.outvars)
        outs, new = _equation(eqn, [origin(var) for var in eqn.invars], notes, used)
        origins.update(zip(eqn.outvars, outs, strict=True))
        equations.append(new)
    return [origin(var) for var in jaxpr.outvars], jaxpr.replace(eqns=equations)


def _live(jaxpr: Any) -> set[Any]:
    """Collect the variables that affect the outputs of a program."""
    live = {var for var in jaxpr.outvars if not isinstance(var, Literal)}
    for eqn in reversed(jaxpr.eqns):
        if not live.isdisjoint(eqn.outvars):
            live |= {var for var in eqn.invars if not isinstance(var, Literal)}
    return live


def _equation(eqn: Any, ins: list[Origin], notes: Notes, used: bool) -> tuple[list[Origin], Any]:
    """Return the origins of an equation's outputs, and the equation without its stops."""
    name, n = eqn.primitive.name, len(eqn.outvars)
    spikes = [m for m in ins if m is not None and m.roots]
    if name == "custom_jvp_call" and name_of(eqn) == _with_slope.__name__:
        return [Provenance(frozenset([id(eqn.outvars[0])]))], eqn
    if name == "scan":
        return _scan(eqn, ins, notes)
    if name in OPENED:
        (inner,) = jaxprs_in(eqn)
        outs, inner = _followed(inner, ins, notes)
        return outs, _with_inner(eqn, inner)
    if not spikes or jaxprs_in(eqn):  # other loops and branches are not followed
        constant = all(ins) and not jaxprs_in(eqn)
        return [CONSTANT if constant else None] * n, eqn
    if name == "stop_gradient":
        if id(eqn) in notes.exempt:
            return [CONSTANT], eqn
        notes.opened = True
        passed = spikes[0].stops | {id(eqn)}
        return [Provenance(spikes[0].roots, True, passed)], _removed(eqn)
    if name in PRODUCTS:
        notes.suspects |= _stops_of(spikes)
    if used and not spikes[0].stopped:
        _note_comparison(eqn, ins, notes)
    return [_combined(name, ins, spikes, notes)] * n, eqn


def _note_comparison(eqn: Any, ins: list[Origin], notes: Notes) -> None:
    """Note an equation that compares or rounds spikes, or makes a number of a comparison."""
    name, kind = eqn.primitive.name, eqn.outvars[0].aval.dtype.kind
    boolean = eqn.invars[0].aval.dtype.kind == "b"
    if name in COMPARISONS or (name == "convert_element_type" and kind in "biu"):
        if not (boolean and kind == "b"):
            notes.comparisons[name] = None
    # A choice between values with derivatives of their own is a gate, and no count.
    notes.counted |= boolean and kind != "b" and None not in ins


def _stops_of(spikes: list[Provenance]) -> set[int]:
    return {stop for m in spikes if m.stopped for stop in m.stops}


def _combined(name: str, ins: list[Origin], spikes: list[Provenance], notes: Notes) -> Origin:
    """Return the origin of a value computed from spikes and other values."""
    if None in ins:
        return None
    if len({m.stopped for m in spikes}) > 1:
        if name in ("add", "sub", "add_any") and len({m.roots for m in spikes}) == 1:
            notes.suspects |= _stops_of(spikes)
        return None
    roots = frozenset(root for m in spikes for root in m.roots)
    stops = frozenset(stop for m in spikes for stop in m.stops)
    return Provenance(roots, spikes[0].stopped, stops)


def _scan(eqn: Any, ins: list[Origin], notes: Notes) -> tuple[list[Origin], Any]:
    """Follow the states of a loop until their origins no longer change."""
    (body,) = jaxprs_in(eqn)
    n_consts, n_carry = parts_of_scan(eqn)
    ends = n_consts + n_carry
    carry = ins[n_consts:ends]
    while True:
        inside = Notes(notes.exempt)
        outs, inner = _followed(body, [*ins[:n_consts], *carry, *ins[ends:]], inside)
        later = [
            _later(old, new, id(var))
            for old, new, var in zip(carry, outs, body.invars[n_consts:ends], strict=False)
        ]
        if later == carry:
            notes.merge(inside)
            return [*carry, *outs[n_carry:]], _with_inner(eqn, inner)
        carry = later


def _later(old: Origin, new: Origin, root: int) -> Origin:
    """Merge the origins of a loop's state before and after a step; knowledge is only lost."""
    if old is None or new is None:
        return None
    if not (old.roots or new.roots):
        return CONSTANT
    if old.roots and old.stopped != new.stopped:
        return None
    return Provenance(frozenset([root]), new.stopped, old.stops | new.stops)
