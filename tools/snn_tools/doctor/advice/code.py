"""Findings in the network's own code: derivatives that are cut or scaled, coarse numbers."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from snn_tools.doctor.direction import Direction
from snn_tools.doctor.examined import Finding, Rule
from snn_tools.doctor.plumbing import OPENED, Check
from snn_tools.doctor.seen import CODE
from snn_tools.printing import between, plus_minus

PLACES = {
    "given spikes": (
        "with spikes held fixed",
        "in how these parameters enter the potentials",
        "; the true gradient below is wrong too",
    ),
    "smoothed": (
        "with probabilities in place of spikes",
        "between these parameters and the loss, in or behind the spikes",
        "",
    ),
}
"""What is said of each test: how it was made, where the fault lies, and what else follows."""

KINDS = {"cut": "cut", "differs": "scaled"}
"""Kinds of findings by the verdict of a test."""

WRONG = Rule(
    "of `KINDS`",
    "the derivative by JAX {what}, {how}{rest}",
    "look for a stop_gradient, a reset written by hand, or a custom derivative {place}",
    "a test of the code, without sampling error{more}",
)

DETACHED = Rule(
    "detached",
    "the network detaches its reset itself, as u - stop_gradient(s) does: with probabilities in "
    "place of spikes the derivative by JAX is {ratios} times finite differences, and right without "
    "the stop_gradient of spikes{cost}",
    "a reset through spike.reset, and the doctor compares it with the others",
    "a test of the code, without sampling error; the true gradient is not touched by it",
    fault=False,
)

UNUSED = Rule(
    "unused",
    "neither with spikes held fixed nor with probabilities in their place do potentials or loss "
    "change with it: both derivatives, and finite differences, are exactly 0",
    "look for what is multiplied by 0, overwritten or left out between these parameters and the "
    "loss",
    "a test of the code, without sampling error, at one input",
)

HIDDEN = Rule(
    "cut",
    "potentials change with it, and with probabilities in place of spikes the loss does not: "
    "derivative and finite differences are exactly 0, and the code compares spikes or casts them "
    "to integers ({what})",
    "look for a comparison or a rounding behind the spikes, such as jnp.where(s > 0.5, 1.0, 0.0)",
    "a test of the code, without sampling error, at one input",
)

COMPARED = Rule(
    "compared",
    "the code compares spikes or casts them to integers ({what}): what follows from that alone "
    "changes with the parameters and has no derivative, and no finite difference shows it",
    "sum spikes where they are counted: s.sum() for (s > 0.5).sum()",
    "read in the traced code; whether the loss depends on it is not known",
    fault=False,
)

COARSE = Rule(
    "precision",
    "{type}: numbers below {tiny:.1g} in size are 0, and steps below {eps:.1g} of a "
    "number are lost",
    "keep parameters and potentials in float32",
    "the type of the arrays",
)


def of_code(checks: tuple[Check, ...], direction: Direction | None) -> list[Finding]:
    """Find derivatives that are cut or scaled in the network's own code."""
    found, seen = [], set()
    right = {c.leaf for c in checks if c.test == OPENED and c.verdict == "agrees"}
    for test, (how, place, more) in PLACES.items():
        good = [c.leaf for c in checks if c.test == test and c.verdict == "agrees"]
        rest = f"; {', '.join(good)} agree{'s' * (len(good) == 1)}" if good else ""
        wrong = [c for c in checks if c.test == test and c.verdict in KINDS and c.leaf not in seen]
        own = [c for c in wrong if test == "smoothed" and c.leaf in right]
        if own:
            cost = ""
            row = direction and direction.rows()[0]
            if row and not row.known:
                cost = "; what it costs is not known, since the cosine to the true gradient is not"
            elif row:
                cost = (
                    f"; with it, the cosine of the surrogate gradient to the true one is "
                    f"{between(row.cosine, row.interval)}, its norm "
                    f"{plus_minus(row.ratio, row.ratio_se)} times as large"
                )
            found += DETACHED.of(*_leaves(own), ratios=_ratios(own), cost=cost)
        for verdict, kind in KINDS.items():
            if bad := [c for c in wrong if c.verdict == verdict and c not in own]:
                seen |= {c.leaf for c in bad}  # said once
                words = {"what": _size(bad), "how": how, "rest": rest, "place": place, "more": more}
                found += replace(WRONG, kind=kind).of(*_leaves(bad), **words)
    return found


def _leaves(checks: list[Check]) -> list[str]:
    return [c.leaf for c in checks]


def _ratios(checks: list[Check]) -> str:
    return ", ".join(f"{c.ratio:.2f}" for c in checks)


def _size(checks: list[Check]) -> str:
    if checks[0].verdict == "cut":
        return "is 0 and finite differences are not"
    if any(np.isfinite(c.ratio) for c in checks):
        return f"is {_ratios(checks)} times finite differences"
    return "is not 0 and finite differences are"


def of_compared(checks: tuple[Check, ...], compared: tuple[str, ...]) -> list[Finding]:
    """Name comparisons of spikes in the code: a fault where nothing else passes."""
    if not compared:
        return []
    used = {c.leaf for c in checks if c.test == "given spikes" and not c.zero}
    flat = [leaf for leaf in _without_effect(checks, "smoothed") if leaf in used]
    rule = HIDDEN if flat else COMPARED
    return rule.of(*(flat or ["code"]), what=", ".join(compared))


def of_unused(checks: tuple[Check, ...]) -> list[Finding]:
    """Find arrays of parameters on which neither potentials nor loss depend."""
    first, *others = (_without_effect(checks, test) for test in PLACES)
    unused = [leaf for leaf in first if all(leaf in other for other in others)]
    return UNUSED.of(*unused) if unused else []


def _without_effect(checks: tuple[Check, ...], test: str) -> list[str]:
    return [c.leaf for c in checks if c.test == test and c.zero and c.verdict == "agrees"]


def of_types(types: dict[str, np.dtype]) -> list[Finding]:
    """Find numbers of 16 bits: a fault in float16, a note in bfloat16, which has float32's range.

    Args:
        types: of the arrays that are looked at, by what they are; in between them, in `CODE`,
            float16 may be meant, as in mixed precision.
    """
    found = []
    for what, dtype in types.items():
        if jnp.issubdtype(dtype, jnp.floating) and (limits := jnp.finfo(dtype)).bits == 16:
            rule = replace(COARSE, fault=dtype == jnp.float16 and what != CODE)
            tiny, eps = float(limits.smallest_subnormal), float(limits.eps)
            found += rule.of(what, type=dtype.name, tiny=tiny, eps=eps)
    return found
