"""The two tables of docs/doctor.md, from the lines that `python -m tests.corpus` has written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.corpus.faults import FAULTS, UNSEEN


def tables(lines: list[dict[str, Any]]) -> str:
    """Sensitivity by fault and budget, and false alarms by kind of network and budget."""
    budgets = sorted({line["budget"] for line in lines})
    head = [f"{budget:g} s" for budget in budgets]
    faulty = [line for line in lines if line["fault"]]
    healthy = [line for line in lines if not line["fault"]]
    rows = []
    for name in FAULTS:
        of_it = [line for line in faulty if line["fault"] == name]
        if of_it:
            words = ", ".join(f"`{kind}`" for kind in sorted(FAULTS[name].kinds)) or "nothing"
            rows.append([name, words, *_by_budget(of_it, budgets, bool(FAULTS[name].kinds))])
    seen = [line for line in faulty if line["fault"] not in UNSEEN]
    rows.append(["all that can be seen", "", *_by_budget(seen, budgets)])
    parts = [_table(["fault", "named by", *head], rows)]
    rows = []
    for kind in dict.fromkeys(line["kind"] for line in healthy):
        rows.append([kind, *_by_budget([x for x in healthy if x["kind"] == kind], budgets, False)])
    rows.append(["all", *_by_budget(healthy, budgets, False)])
    return "\n\n".join([*parts, _table(["healthy network", *head], rows)])


def _by_budget(lines: list[dict[str, Any]], budgets: list[float], named: bool = True) -> list[str]:
    """Counts of reports, in development and held out, that name the fault or have any."""
    cells = []
    for budget in budgets:
        counts: dict[bool, list[bool]] = defaultdict(list)
        cases = {(x["kind"], x["fault"], x["seed"]) for x in lines}
        for case in sorted(cases):
            # What a smaller budget has named is not examined again.
            same = [x for x in lines if (x["kind"], x["fault"], x["seed"]) == case]
            upto = [x for x in same if x["budget"] <= budget]
            at = [x for x in same if x["budget"] == budget]
            if named and upto:
                counts[case[2] % 2 == 1].append(any(x["named"] for x in upto))
            elif at:
                counts[case[2] % 2 == 1].append(bool(at[0]["kinds"]))
        cells.append(" + ".join(f"{sum(c)}/{len(c)}" for _, c in sorted(counts.items())))
    return cells


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
