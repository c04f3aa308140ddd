"""``python -m tools.tests.corpus``: every network of the corpus, healthy and with every fault.

Writes a line of JSON for each examination; ``--tables`` makes tables of them, see docs/doctor.md:
sensitivity and false alarms, for networks that were looked at in development (even seeds) and for
those held out (odd seeds). Budgets are seconds of processor time, so that the tables do not depend
on what else a machine does; networks of a kind share their compiled code.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jax

jax.config.update("jax_disable_most_optimizations", True)

from snn_tools import doctor  # noqa: E402
from tools.tests.corpus.afterwards import AFTERWARDS, afterwards  # noqa: E402
from tools.tests.corpus.faults import FAULTS  # noqa: E402
from tools.tests.corpus.networks import KINDS, SEEDS, Case, healthy  # noqa: E402
from tools.tests.corpus.tables import tables  # noqa: E402

BUDGETS = (4, 15, 60)
"""Seconds; the last is the doctor's default."""

WITH_FAULTS = (0, 1)
"""Seeds of the networks in which faults are planted."""


def examined(case: Case, budget: float) -> doctor.Report:
    """The report on a case, within a budget of processor time."""
    return doctor.examine(
        *case[:2],
        jax.random.key(0),
        budget=budget,
        surrogate=case.surrogate,
        time_axis=case.time_axis,
    )


def cases(kinds: list[str]) -> Iterator[tuple[str, str, int, Case]]:
    """Kind, fault ("" for none), seed and case."""
    for kind in kinds:
        if kind in AFTERWARDS:
            yield kind, "", 1, afterwards(kind)
            continue
        for seed in SEEDS:
            yield kind, "", seed, healthy(kind, seed)
        for name, fault in FAULTS.items():
            for seed in WITH_FAULTS:
                if (case := fault.plant(healthy(kind, seed))) is not None:
                    yield kind, name, seed, case


def main() -> None:
    """Examine, and append one line of JSON for each examination to a file."""
    parser = argparse.ArgumentParser(prog="python -m tools.tests.corpus", description=__doc__)
    parser.add_argument(
        "--kinds", nargs="*", default=[*KINDS, *AFTERWARDS], help="kinds of networks"
    )
    parser.add_argument("--budgets", nargs="*", type=float, default=BUDGETS)
    parser.add_argument("--faults", nargs="*", default=["", *FAULTS], help="'' for none")
    parser.add_argument("--out", type=Path, default=Path("build/corpus.jsonl"))
    parser.add_argument("--tables", action="store_true", help="print the tables, of --out alone")
    parser.add_argument("--seeds", nargs="*", type=int, default=list(SEEDS))
    options = parser.parse_args()
    if options.tables:
        lines = options.out.read_text().splitlines()
        sys.stdout.write(f"{tables([json.loads(line) for line in lines])}\n")
        return
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for kind, fault, seed, case in cases(options.kinds):
        if fault not in options.faults or seed not in options.seeds:
            continue
        for budget in options.budgets:
            start = time.process_time()
            report = examined(case, budget)
            kinds = sorted({f.kind for f in report.faults})
            named = bool(fault) and not FAULTS[fault].kinds.isdisjoint(kinds)
            line = {"kind": kind, "fault": fault, "seed": seed, "budget": budget, "kinds": kinds}
            line |= {"named": named, "seconds": round(time.process_time() - start, 1)}
            line["where"] = [f"{f.kind}: {f.where}" for f in report.faults]
            with options.out.open("a") as file:
                file.write(json.dumps(line) + "\n")
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
