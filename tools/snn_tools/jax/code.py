"""Findings that need the traced program: comparisons, declared derivatives, types of numbers."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from snn.escape import EscapeNoise
from snn.estimators.surrogate import Surrogate
from snn_tools.jax.direction import Direction
from snn_tools.jax.gradient_check import CodeTest
from snn_tools.jax.plain import Called
from snn_tools.jax.single_trials import CODE, SingleTrials, distance, redrawn, shape_of
from snn_tools.shared.gradient_check import GIVEN, SMOOTHED, TESTS, Check
from snn_tools.shared.observed import Shape
from snn_tools.shared.printing import between, plus_minus
from snn_tools.shared.report import YOURS, Finding
from snn_tools.shared.rules import UNUSED, WHERE, ZERO, Rule

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

IGNORED = Rule(
    "ignored",
    "the derivative in the network's code differs from the declared one: the middle half of its "
    "integral lies between {own.middle[0]:.2g} and {own.middle[1]:.2g}, its peak is "
    "{own.measured.peak:.3g}; declared are {declared.middle[0]:.2g} to {declared.middle[1]:.2g}, "
    "and {declared.measured.peak:.3g}",
    "look for a setting that does not reach the spike function; the declared derivative trains "
    "nothing",
    f"found while the program was traced, {WHERE}",
)
ALIKE = 0.02
"""Difference below which two derivatives are the same, relative to the larger peak."""

REDRAWN = Rule(
    "redrawn",
    "two layers have the same potentials and draw their spikes separately: a neuron sends one "
    "spike and resets by another",
    "draw once: s = spikes(u - threshold), and use s for the output and for the reset",
    "measured in {trials} trials",
)


def of_redrawn(single: SingleTrials) -> list[Finding]:
    """Find neurons that draw spike and reset separately."""
    pairs = redrawn(single.trials)
    return [f for i, j in pairs for f in REDRAWN.find(f"layer {i}, {j}", trials=single.n_trials)]


def of_compared(code: CodeTest, direction: Direction | None) -> list[Finding]:
    """Report comparisons of spikes in the code.

    A comparison is a fault if nothing else connects parameters with the loss, or if its result
    becomes a number and the surrogate gradient has wrong signs.
    """
    if not code.comparisons:
        return []
    names = ", ".join(code.comparisons)
    used = {c.leaf for c in code.checks if c.test == GIVEN and not c.zero}
    if flat := [leaf for leaf in _without_effect(code.checks, SMOOTHED) if leaf in used]:
        return HIDDEN.find(*flat, names=names)
    wrong, known = (direction.wrong, direction.known) if direction else (0, 0)
    fault = code.counted and wrong > 0
    signs = f"; {wrong} of {known} known signs of the surrogate gradient are wrong" if fault else ""
    return replace(COMPARED, fault=fault).find("code", names=names, signs=signs)


def of_zero(
    single: SingleTrials, checks: tuple[Check, ...], findings: list[Finding], silent: bool
) -> list[Finding]:
    """Report surrogate gradients that are exactly 0 in all trials, unless a finding says so.

    Args:
        single: single trials.
        checks: tests of the code.
        findings: the other findings.
        silent: whether some layer never fires, which explains a gradient of 0.
    """
    explained = {
        name for f in findings if f.kind in ("cut", "unused") for name in f.where.split(", ")
    }
    jumps = {c.leaf for c in checks if c.test == SMOOTHED and c.jumps}
    zero = [a.name for a in single.arrays if a.norm == 0 and not a.bad and a.name not in explained]
    cut = [] if silent else [name for name in zero if name in jumps]
    rest = [name for name in zero if name not in cut]
    found = STEP.find(*cut, trials=single.n_trials) if cut else []
    return found + (ZERO.find(*rest, trials=single.n_trials) if rest else [])


def of_unused(checks: tuple[Check, ...]) -> list[Finding]:
    """Find arrays of parameters without effect on potentials and loss."""
    first, *others = (_without_effect(checks, test) for test in TESTS)
    jumps = {c.leaf for c in checks if c.jumps}
    unused = [leaf for leaf in first if leaf not in jumps and all(leaf in x for x in others)]
    how = (
        "with spikes held fixed and with probabilities in their place, derivative and finite "
        "differences are exactly 0"
    )
    return UNUSED.find(*unused, how=how) if unused else []


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


def of_own(
    own: tuple[Called, ...],
    shapes: tuple[tuple[Shape, Shape], ...],
    declared: Surrogate,
    escapes: list[EscapeNoise],
) -> list[Finding]:
    """Find spike functions with another derivative than the declared derivative."""
    findings = []
    for i, called in enumerate(own[: len(escapes)]):
        if distance(called.derivative, declared.derivative, escapes[i]) > ALIKE:
            shape = shape_of(declared.derivative, escapes[i])
            findings += IGNORED.find(called.name, own=shapes[i][0], declared=shape)
    return list(dict.fromkeys(findings))


def cost_of(direction: Direction | None) -> str:
    """Describe how far the surrogate gradient with a detached reset is from the true gradient."""
    if direction is None:
        return ""
    row = direction.comparison.row(YOURS, direction.comparison.truth[0].group)
    if not row.known:
        return "; the cost is unknown, because noise hides the cosine to the true gradient"
    return (
        f"; with it, the surrogate gradient has the cosine {between(row.cosine, row.interval)} to "
        f"the true gradient and {plus_minus(row.ratio, row.ratio_se)} times its norm"
    )
