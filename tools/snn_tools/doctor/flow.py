"""What becomes of spikes in a traced program: resets detached by hand, and comparisons.

``u - stop_gradient(s)`` stops a value that is made of spikes and constants alone. Such stops are
opened: without them the program has the derivative that its author leaves out. Two are none of a
reset. One whose value enters a product with weights cuts a synapse. One whose value is added to the
same spikes, not stopped, is a factor: ``2 * s - stop_gradient(s)``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from jax.extend.core import ClosedJaxpr, Literal, jaxpr_as_fun
from jax.extend.core.primitives import copy_p

from snn.estimators.base import jaxprs_in
from snn.spikes import _with_slope
from snn_tools.doctor.step_calls import OPENED, name_of

PRODUCTS = ("dot_general", "conv_general_dilated")
COMPARISONS = ("gt", "lt", "ge", "le", "eq", "ne", "round", "floor", "ceil", "sign", "argmax")


class Made(NamedTuple):
    """How a value is made of spikes and constants.

    Attributes:
        roots: the spikes, or a loop's states made of spikes; none in a constant.
        stopped: whether it is behind a `stop_gradient`.
    """

    roots: frozenset[Any] = frozenset()
    stopped: bool = False


CONSTANT = Made()


def followed(traced: ClosedJaxpr) -> tuple[Callable[..., list[Any]] | None, tuple[str, ...]]:
    """Follow the spikes of a traced function, whose arguments are no constants.

    Returns:
        The function without the stops of its resets, None if there are none, or if some stop cuts a
        synapse or makes a factor; and comparisons of spikes, and casts of them to integers.
    """
    notes: list[str] = []
    _, jaxpr = _run(traced.jaxpr, [None] * len(traced.jaxpr.invars), notes)
    told = {"opened", "weighed", "factor"}
    function = jaxpr_as_fun(ClosedJaxpr(jaxpr, traced.consts))
    opened = function if told.intersection(notes) == {"opened"} else None
    return opened, tuple(dict.fromkeys(n for n in notes if n not in told))


def _run(jaxpr: Any, given: list[Made | None], notes: list[str]) -> tuple[list[Made | None], Any]:
    """Return what the outputs are made of, and the function with stops opened."""
    made: dict[Any, Made | None] = dict(zip(jaxpr.invars, given, strict=True))

    def of(var: Any) -> Made | None:
        return CONSTANT if isinstance(var, Literal) else made.get(var, CONSTANT)

    equations = []
    for eqn in jaxpr.eqns:
        outs, eqn = _one(eqn, [of(var) for var in eqn.invars], notes)
        made.update(zip(eqn.outvars, outs, strict=True))
        equations.append(eqn)
    return [of(var) for var in jaxpr.outvars], jaxpr.replace(eqns=equations)


def _one(eqn: Any, ins: list[Made | None], notes: list[str]) -> tuple[list[Made | None], Any]:
    name, n = eqn.primitive.name, len(eqn.outvars)
    spikes = [m for m in ins if m is not None and m.roots]
    if name == "custom_jvp_call" and name_of(eqn) == _with_slope.__name__:
        return [Made(frozenset([id(eqn.outvars[0])]))], eqn
    if name == "scan":
        return _scan(eqn, ins, notes)
    if name in OPENED:
        (inner,) = jaxprs_in(eqn)
        outs, inner = _run(inner, ins, notes)
        key = "jaxpr" if "jaxpr" in eqn.params else "call_jaxpr"
        old = eqn.params[key]
        new = ClosedJaxpr(inner, old.consts) if hasattr(old, "consts") else inner
        return outs, eqn.replace(params={**eqn.params, key: new})
    if not spikes or jaxprs_in(eqn):  # whatever another loop or branch does
        constant = all(ins) and not jaxprs_in(eqn)
        return [CONSTANT if constant else None] * n, eqn
    if name == "stop_gradient":
        notes.append("opened")
        return [spikes[0]._replace(stopped=True)], eqn.replace(primitive=copy_p, params={})
    if name in PRODUCTS and any(m.stopped for m in spikes):
        notes.append("weighed")
    kind = eqn.outvars[0].aval.dtype.kind
    if name in COMPARISONS or (name == "convert_element_type" and kind in "biu"):
        if not (spikes[0].stopped or kind == eqn.invars[0].aval.dtype.kind == "b"):
            notes.append(name)
    return [_combined(name, ins, spikes, notes)] * n, eqn


def _combined(
    name: str, ins: list[Made | None], spikes: list[Made], notes: list[str]
) -> Made | None:
    if None in ins:
        return None
    if len({m.stopped for m in spikes}) > 1:
        if name in ("add", "sub", "add_any") and len({m.roots for m in spikes}) == 1:
            notes.append("factor")
        return None
    return Made(frozenset().union(*(m.roots for m in spikes)), spikes[0].stopped)


def _scan(eqn: Any, ins: list[Made | None], notes: list[str]) -> tuple[list[Made | None], Any]:
    """Follow the states of a loop until nothing new becomes of them."""
    body, n_consts, n_carry = (eqn.params[k] for k in ("jaxpr", "num_consts", "num_carry"))
    ends = n_consts + n_carry
    carry = ins[n_consts:ends]
    while True:
        found: list[str] = []
        outs, inner = _run(body.jaxpr, [*ins[:n_consts], *carry, *ins[ends:]], found)
        later = [
            _later(old, new, id(var))
            for old, new, var in zip(carry, outs, body.jaxpr.invars[n_consts:ends], strict=False)
        ]
        if later == carry:
            notes += found
            inner = ClosedJaxpr(inner, body.consts)
            return [*carry, *outs[n_carry:]], eqn.replace(params={**eqn.params, "jaxpr": inner})
        carry = later


def _later(old: Made | None, new: Made | None, root: int) -> Made | None:
    """Return how a loop's state is made, of how it was and has become; it only loses knowledge."""
    if old is None or new is None:
        return None
    if not (old.roots or new.roots):
        return CONSTANT
    if old.roots and old.stopped != new.stopped:
        return None
    return Made(frozenset([root]), new.stopped)
