"""Findings in a table of gradients: against the true gradient, cut, or lost in noise."""

from dataclasses import replace

import numpy as np

from snn_tools.comparison.batch_means import KNOWN_SE
from snn_tools.comparison.rows import carried_by_few, needed
from snn_tools.comparison.table import Comparison
from snn_tools.doctor.examined import Finding, Rule
from snn_tools.printing import between, number

CUT = Rule(
    "cut",
    "the surrogate gradient is exactly 0, the true one is not ({known})",
    "look for a {stop} between these parameters and the loss, or a derivative that is 0 at "
    "all potentials that occur",
    "measured here",
)
AGAINST = Rule(
    "against",
    "it points against the true gradient: cosine {cosine}{share}",
    "",
    "matched surrogates did so, all arrays together, for 6 of 90 draws of weights "
    "(beyond/docs/which_gradient.md)",
)
LARGE_SHARE = 0.5
"""Share of the true gradient's length from which an array or layer can be `against` as a fault.

In healthy networks, mostly with shared weights, surrogate gradients of smaller arrays do point
against the true gradient, by enumeration.
"""

LOST = Rule(
    "lost",
    "the true gradient is lost in noise (up to {noise} of its norm); {more}",
    "no advice on direction where it is lost",
    fault=False,
)


def of_table(c: Comparison, own: str, stop: str = "stop_gradient") -> list[Finding]:
    """Judge the direction of a network's own gradient, group by group.

    Args:
        c: the table.
        own: name of the network's own gradient.
        stop: words for code that cuts a derivative in this framework.
    """
    findings, lost, cut = [], [], []
    for name, rows in (("true", c.truth), ("surrogate", c.rows_of(own))):
        if heavy := [r for r in rows if r.heavy]:
            words = carried_by_few(f"the {name} gradient", heavy)
            findings.append(Finding("heavy", False, ", ".join(r.group for r in heavy), words))
    for t in c.truth:
        row = c.row(own, t.group)
        if row.zero and not t.zero and t.noise < 0.3:
            cut.append(t)
        elif t.noise > KNOWN_SE:
            lost.append(t)
        elif row.known and row.cosine < -3 * row.cosine_se:
            share = t.norm / c.truth[0].norm
            words = f"; it carries {100 * share:.0f} % of the true gradient's length"
            values = {"cosine": between(row.cosine, row.interval), "share": words}
            if t is c.truth[0]:
                values["share"] = ""
            fault = t is c.truth[0] or (share >= LARGE_SHARE and row.interval[1] < 0)
            findings += replace(AGAINST, fault=fault).find(row.group, **values)
    # The arrays of a layer are named in place of the layer.
    groups = {t.group for t in c.truth}
    cut = [t for t in cut if not any(g.startswith((t.group + "/", t.group + ".")) for g in groups)]
    if cut:
        noise = max(t.noise for t in cut)
        words = f"noise {number(noise)} of its norm" if noise else "enumerated"
        findings = CUT.find(*(t.group for t in cut), known=words, stop=stop) + findings
    if lost:
        worst = max(lost, key=lambda t: t.noise)
        more = "how many more trials it takes is not known"
        if np.isfinite(enough := needed(worst)):
            more = f"it takes some {enough:.0f} times the trials"
        findings += LOST.find(*(t.group for t in lost), noise=number(worst.noise), more=more)
    return findings


GOOD = 0.9
"""Smallest cosine with which potentials far from the derivative do no harm."""


def without_alarm(findings: list[Finding], c: Comparison, own: str) -> list[Finding]:
    """Turn `unreached` into a note where the measured direction is right all the same.

    Args:
        findings: all findings.
        c: the table.
        own: name of the network's own gradient.
    """
    rows = [c.row(own, t.group) for t in c.truth if not t.zero]
    if not rows or not all(r.known and r.interval[0] > GOOD for r in rows):
        return findings
    worst = min(rows, key=lambda r: r.interval[0])
    cosine = between(worst.cosine, worst.interval)
    words = f"; the direction is right all the same, cosine {cosine}"
    return [
        replace(f, fault=False, evidence=f.evidence + words) if f.kind == "unreached" else f
        for f in findings
    ]
