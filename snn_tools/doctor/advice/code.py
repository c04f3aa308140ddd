"""Findings in the network's own code: derivatives that are cut or scaled, coarse numbers."""

from __future__ import annotations

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from snn_tools.doctor.direction import Direction
from snn_tools.doctor.finding import Finding, Rule
from snn_tools.doctor.own_path import OwnPath
from snn_tools.doctor.plumbing import Check
from snn_tools.printing import plus_minus

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
"""Of each test: how it was made, where the fault lies, and what else follows."""

DETACHED = Rule(
    "detached",
    "the network detaches its reset itself, as u - stop_gradient(s) does: with probabilities in "
    "place of spikes the derivative by JAX is {ratios} times finite differences, {own:.2f} along "
    "the path from spikes to later potentials of the same neuron, and right along all others{cost}",
    "a reset through spike.reset, and the doctor compares it with the others",
    "a test of the code, without sampling error; the true gradient is not touched by it",
    fault=False,
)

COARSE = Rule(
    "precision",
    "{type}: numbers below {tiny:.1g} in size are 0, and steps below {eps:.1g} of a "
    "number are lost",
    "keep parameters and potentials in float32",
    "the type of the arrays; finite differences are too coarse to test much of the code",
)


def of_code(
    checks: tuple[Check, ...], own: OwnPath | None, direction: Direction | None
) -> list[Finding]:
    """Derivatives that are cut or scaled in the network's own code."""
    found, seen = [], set()
    for test, (how, place, more) in PLACES.items():
        good = [c.leaf for c in checks if c.test == test and c.verdict == "agrees"]
        rest = f"; {', '.join(good)} agree{'s' * (len(good) == 1)}" if good else ""
        for verdict, kind in (("cut", "cut"), ("differs", "scaled")):
            bad = [c for c in checks if (c.test, c.verdict) == (test, verdict)]
            bad = [c for c in bad if c.leaf not in seen]  # the second test sees the first one's
            if not bad:
                continue
            seen |= {c.leaf for c in bad}
            where = ", ".join(c.leaf for c in bad)
            what = "is 0 and finite differences are not"
            if kind == "scaled":
                ratios = ", ".join(f"{c.ratio:.2f}" for c in bad)
                if test == "smoothed" and own is not None and own.detached:
                    found += DETACHED.of(where, ratios=ratios, own=own.ratio, cost=_cost(direction))
                    continue
                what = f"is {ratios} times finite differences"
                if not any(np.isfinite(c.ratio) for c in bad):
                    what = "is not 0 and finite differences are"
            found.append(
                Finding(
                    kind,
                    True,
                    where,
                    f"the derivative by JAX {what}, {how}{rest}",
                    f"look for a stop_gradient, a reset written by hand, or a custom derivative "
                    f"{place}",
                    f"a test of the code, without sampling error{more}",
                )
            )
    return found


def of_types(types: dict[str, np.dtype]) -> list[Finding]:
    """Numbers of 16 bits: a fault in float16, a note in bfloat16, which has float32's range.

    Args:
        types: of the arrays that are looked at, by what they are.
    """
    found = []
    for what, dtype in types.items():
        if jnp.issubdtype(dtype, jnp.floating) and (limits := jnp.finfo(dtype)).bits == 16:
            rule = replace(COARSE, fault=dtype == jnp.float16)
            tiny, eps = float(limits.smallest_subnormal), float(limits.eps)
            found += rule.of(what, type=dtype.name, tiny=tiny, eps=eps)
    return found


def _cost(direction: Direction | None) -> str:
    """What the surrogate gradient is worth with it, if that is known."""
    if direction is None:
        return ""
    row = direction.rows()[0]
    if not row.known:
        return "; what it costs is not known, since the cosine to the true gradient is not"
    norm = plus_minus(row.ratio, row.ratio_se)
    return (
        f"; with it, the cosine of the surrogate gradient to the true one is "
        f"{plus_minus(row.cosine, row.cosine_se)}, its norm {norm} times as large"
    )
