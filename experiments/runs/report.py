"""One run on one page: make report RUN=results/smoke/fig5-...

A run is its folder, or a preset, as fig5/smoke. Prints what was changed and what the paper's claims
come to; an HTML file below results/reports/ has pictures, caption, numbers and provenance, too. Its
path is the last line.
"""

import argparse
from collections.abc import Sequence

from experiments.engine.configure.compose import plan
from experiments.engine.configure.registry import Project
from experiments.engine.declare.quantity import measured
from experiments.engine.errors import from_here, run_command
from experiments.replication.verdicts import verdicts
from experiments.runs import pages
from experiments.runs.published import differing, facts, find, pictures, place
from experiments.tables import aligned
from figures.captions import caption

USAGE = "make report RUN={}"


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Print the report, write its page, and print where that is."""
    parser = argparse.ArgumentParser("python -m experiments.runs.report", description=__doc__)
    parser.add_argument("run", metavar="RUN")
    project = project or Project()
    run = find(project, parser.parse_args(arguments).run, USAGE)
    preset = plan(project, [f"figure={run.plan.figure}/{run.plan.preset}"])
    changed = differing(preset.parameters, run.plan.parameters)
    claims = [
        [claim.id, claim.statement, outcome.measured, str(claim.relation), outcome.verdict]
        for claim, outcome in verdicts(run)
    ]
    notes = []
    if changed and any(verdict == "fails" for *_, verdict in claims):
        notes.append(
            "A claim is stated for the paper's parameters: that it fails here is a finding."
        )
    print(f"{run.plan.title}  ({from_here(place(run))})\n")
    print(
        aligned(["parameter", "preset", "here"], changed, [40, 40, 40])
        if changed
        else "no parameter differs from the preset's"
    )
    print()
    print(
        aligned(
            ["claim", "statement", "measured", "must be", "verdict"], claims, [5, 44, 34, 24, 9]
        )
    )
    print(*("", *notes) if notes else (), "", sep="\n")
    page = pages.add(
        project,
        "report.html",
        (run,),
        title=run.plan.title,
        pictures=pictures(run),
        parameters=changed,
        claims=claims,
        notes=notes,
        numbers=[[name, measured(quantity)] for name, quantity in run.summary.items()],
        captions=[caption(path.stem) for path in pictures(run)],
        provenance=facts(run),
    )
    print(from_here(page))


if __name__ == "__main__":
    run_command(main)
