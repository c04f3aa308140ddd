"""Findings in the network's own code: derivatives that are cut or scaled, 16-bit numbers."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from snn_tools.doctor.direction import Direction
from snn_tools.doctor.examined import Finding, Rule
from snn_tools.doctor.gradient_check import OPENED, Check, CodeTest
from snn_tools.doctor.observed import Leaf
from snn_tools.doctor.single_trials import CODE
from snn_tools.printing import between, plus_minus

PLACES = {
    "given spikes": (
        "with spikes held fixed",
        "in how these parameters enter the potentials",
        "; the true gradient below is wrong, too",
    ),
    "smoothed": (
        "with probabilities in place of spikes",
        "between these parameters and the loss, in or behind the spikes",
        "",
    ),
}
"""Words for each test: how the test was made, where the fault lies, and a consequence."""

KINDS = {"cut": "cut", "differs": "scaled"}
"""Kind of finding for each verdict of a test."""

WRONG = Rule(
    "of `KINDS`",
    "the derivative by JAX {what}, {how}{rest}",
    "look for a stop_gradient, a reset written by hand, or a custom derivative {place}",
    "a test of the code, without sampling error{more}",
)

DETACHED = Rule(
    "detached",
    "the network detaches its reset itself, as u - stop_gradient(s) does; without this "
    "stop_gradient the derivative by JAX is right{cost}",
    "a reset through spike.reset lets the doctor compare it with other resets",
    "a test of the code, without sampling error; the true gradient does not depend on it",
    fault=False,
)

UNUSED = Rule(
    "unused",
    "potentials and loss do not depend on it: with spikes held fixed and with probabilities in "
    "their place, derivative and finite differences are exactly 0",
    "look for a multiplication by 0, or for a value that is overwritten or left out, between these "
    "parameters and the loss",
    "a test of the code, without sampling error, at one input",
)

HIDDEN = Rule(
    "cut",
    "potentials depend on it, and with probabilities in place of spikes the loss does not: "
    "derivative and finite differences are exactly 0, and the code compares spikes or casts them "
    "to integers ({names})",
    "look for a comparison or a rounding behind the spikes, such as jnp.where(s > 0.5, 1.0, 0.0)",
    "a test of the code, without sampling error, at one input",
)

COMPARED = Rule(
    "compared",
    "the code compares spikes or casts them to integers ({names}): a value computed from the "
    "result changes with the parameters and has no derivative, and finite differences do not show "
    "it{signs}",
    "sum spikes to count them: s.sum() in place of (s > 0.5).sum()",
    "read in the traced code; how much of the loss depends on it is not measured",
    fault=False,
)

ZERO = Rule(
    "zero",
    "the surrogate gradient is exactly 0 in all {trials} trials",
    "",
    "counted in single trials; the loss may not depend on these parameters at this input",
    fault=False,
)

STEP = Rule(
    "cut",
    "the surrogate gradient is exactly 0 in all {trials} trials, and the loss with probabilities "
    "in place of spikes jumps if these parameters change by a tenth or by their own size",
    "look for a threshold without a surrogate derivative between these parameters and the loss, "
    "such as (u > 1.0).astype(u.dtype)",
    "a test of the code, without sampling error, at one input",
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
    findings, reported = [], set()
    right = {c.leaf for c in checks if c.test == OPENED and c.verdict == "agrees"}
    for test, (how, place, more) in PLACES.items():
        good = [c.leaf for c in checks if c.test == test and c.verdict == "agrees"]
        rest = f"; {', '.join(good)} agree{'s' * (len(good) == 1)}" if good else ""
        wrong = [c for c in checks if c.test == test and c.verdict in KINDS]
        wrong = [c for c in wrong if c.leaf not in reported]
        resets = [c for c in wrong if test == "smoothed" and c.leaf in right]
        if resets:
            findings += DETACHED.find(*_leaves(resets), cost=_cost(direction))
        for verdict, kind in KINDS.items():
            if bad := [c for c in wrong if c.verdict == verdict and c not in resets]:
                reported |= {c.leaf for c in bad}
                words = {"what": _size(bad), "how": how, "rest": rest, "place": place, "more": more}
                findings += replace(WRONG, kind=kind).find(*_leaves(bad), **words)
    return findings


def _cost(direction: Direction | None) -> str:
    """Describe how far the surrogate gradient with a detached reset is from the true gradient."""
    if direction is None:
        return ""
    row = direction.rows()[0]
    if not row.known:
        return "; the cost is unknown, because noise hides the cosine to the true gradient"
    return (
        f"; with it, the surrogate gradient has the cosine {between(row.cosine, row.interval)} to "
        f"the true gradient and {plus_minus(row.ratio, row.ratio_se)} times its norm"
    )


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


def of_compared(code: CodeTest, direction: Direction | None) -> list[Finding]:
    """Report comparisons of spikes in the code.

    A comparison is a fault if nothing else connects parameters with the loss, or if its result
    becomes a number and the surrogate gradient has wrong signs.
    """
    if not code.comparisons:
        return []
    names = ", ".join(code.comparisons)
    used = {c.leaf for c in code.checks if c.test == "given spikes" and not c.zero}
    if flat := [leaf for leaf in _without_effect(code.checks, "smoothed") if leaf in used]:
        return HIDDEN.find(*flat, names=names)
    counts = direction.signs if direction else ()
    wrong, total = sum(s.wrong for s in counts), sum(s.known for s in counts)
    fault = code.counted and wrong > 0
    signs = f"; {wrong} of {total} known signs of the surrogate gradient are wrong" if fault else ""
    return replace(COMPARED, fault=fault).find("code", names=names, signs=signs)


def of_zero(
    arrays: tuple[Leaf, ...],
    checks: tuple[Check, ...],
    findings: list[Finding],
    trials: int,
    silent: bool,
) -> list[Finding]:
    """Report surrogate gradients that are exactly 0 in all trials, unless a finding says so.

    Args:
        arrays: surrogate gradients in single trials.
        checks: tests of the code.
        findings: the other findings.
        trials: number of single trials.
        silent: whether some layer never fires, which explains a gradient of 0.
    """
    explained = {
        name for f in findings if f.kind in ("cut", "unused") for name in f.where.split(", ")
    }
    jumps = {c.leaf for c in checks if c.test == "smoothed" and c.jumps}
    zero = [a.name for a in arrays if a.norm == 0 and not a.bad and a.name not in explained]
    cut = [] if silent else [name for name in zero if name in jumps]
    rest = [name for name in zero if name not in cut]
    findings_cut = STEP.find(*cut, trials=trials) if cut else []
    return findings_cut + (ZERO.find(*rest, trials=trials) if rest else [])


def of_unused(checks: tuple[Check, ...]) -> list[Finding]:
    """Find arrays of parameters without effect on potentials and loss."""
    first, *others = (_without_effect(checks, test) for test in PLACES)
    jumps = {c.leaf for c in checks if c.jumps}
    unused = [leaf for leaf in first if leaf not in jumps and all(leaf in x for x in others)]
    return UNUSED.find(*unused) if unused else []


def _without_effect(checks: tuple[Check, ...], test: str) -> list[str]:
    return [c.leaf for c in checks if c.test == test and c.zero and c.verdict == "agrees"]


def of_types(types: dict[str, np.dtype]) -> list[Finding]:
    """Find 16-bit numbers: float16 is a fault, bfloat16 a note, since its range is float32's.

    Args:
        types: types by name of the array. Under the name `CODE`, for values in between, float16
            is a note, too: mixed precision may be intended.
    """
    findings = []
    for what, dtype in types.items():
        if jnp.issubdtype(dtype, jnp.floating) and (limits := jnp.finfo(dtype)).bits == 16:
            rule = replace(COARSE, fault=dtype == jnp.float16 and what != CODE)
            tiny, eps = float(limits.smallest_subnormal), float(limits.eps)
            findings += rule.find(what, type=dtype.name, tiny=tiny, eps=eps)
    return findings
