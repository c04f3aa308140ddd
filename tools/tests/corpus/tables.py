"""Two tables of counts, by fault and by kind, from the lines of `python -m tools.tests.corpus`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scipy.special import betaincinv

from tools.tests.corpus.faults import FAULTS, UNSEEN


def tables(lines: list[dict[str, Any]]) -> str:
    """Sensitivity by fault, and false alarms by kind of network, at each budget."""
    budgets = sorted({line["budget"] for line in lines})
    head = [f"{budget:g} s" for budget in budgets]
    faulty = [line for line in lines if line["fault"]]
    healthy = [line for line in lines if not line["fault"]]
    rows = []
    for name, fault in FAULTS.items():
        words = ", ".join(f"`{kind}`" for kind in sorted(fault.kinds)) or "nothing"
        rows.append([name, words, *_counts([x for x in faulty if x["fault"] == name], budgets)])
    seen = [line for line in faulty if line["fault"] not in UNSEEN]
    rows.append(["all that can be seen", "", *_counts(seen, budgets)])
    parts = [_table(["fault", "named by", *head], rows)]
    rows = []
    for kind in dict.fromkeys(line["kind"] for line in healthy):
        rows.append([kind, *_counts([x for x in healthy if x["kind"] == kind], budgets)])
    rows.append(["all", *_counts(healthy, budgets)])
    rows.append(["rate below (95 %, one-sided)", *(_bound(healthy, b) for b in budgets)])
    return "\n\n".join([*parts, _table(["healthy network", *head], rows)])


def _counts(lines: list[dict[str, Any]], budgets: list[float]) -> list[str]:
    """Reports that name the fault, or any where none is named: in development + held out."""
    cells = []
    for budget in budgets:
        halves: dict[int, list[bool]] = {0: [], 1: []}
        for line in lines:
            if line["budget"] == budget:
                kinds = FAULTS[line["fault"]].kinds if line["fault"] else ()
                halves[line["seed"] % 2].append(line["named"] if kinds else bool(line["kinds"]))
        cells.append(" + ".join(f"{sum(c)}/{len(c)}" for c in halves.values() if c) or "-")
    return cells


def _bound(lines: list[dict[str, Any]], budget: float) -> str:
    """The upper end of an exact binomial interval for the rate of false alarms."""
    false = [bool(line["kinds"]) for line in lines if line["budget"] == budget]
    return f"{100 * betaincinv(sum(false) + 1, len(false) - sum(false), 0.95):.1f} %"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
