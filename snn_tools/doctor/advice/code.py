"""Findings in the network's own code: derivatives that are cut or scaled."""

from __future__ import annotations

from snn_tools.doctor.finding import Finding
from snn_tools.doctor.plumbing import Check

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


def of_code(checks: tuple[Check, ...]) -> list[Finding]:
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
            what = "is 0 and finite differences are not"
            if kind == "scaled":
                ratios = ", ".join(f"{c.ratio:.2f}" for c in bad)
                what = f"is {ratios} times finite differences"
            found.append(
                Finding(
                    kind,
                    True,
                    ", ".join(c.leaf for c in bad),
                    f"the derivative by JAX {what}, {how}{rest}",
                    f"look for a stop_gradient, a reset written by hand, or a custom derivative "
                    f"{place}",
                    f"a test of the code, without sampling error{more}",
                )
            )
    return found
