"""Write the table of fragile verdicts in REPLICATION.md, from the committed numbers.

Nothing is trained. Each claim of figures 9 and 10 is decided again without each tuning task, and
without each judged task: see `beyond.experiments.fragile`. This takes some minutes.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from beyond.experiments.fragile import Turned, turned
from experiments.engine.compute.atomic import write_text
from experiments.engine.configure.compose import plan
from experiments.engine.configure.registry import Project
from experiments.engine.errors import run_command
from experiments.replication.claim import Claim, claims_of
from experiments.replication.goldens import committed_arrays
from experiments.replication.verdicts import conclusions
from experiments.tables import filled, table

PAGE = Path(__file__).parents[1] / "REPLICATION.md"
FIGURES = ("fig9", "fig10")


def main(arguments: Sequence[str]) -> None:
    """Write the table."""
    parser = argparse.ArgumentParser("python -m beyond.scripts.fragile", description=__doc__)
    parser.parse_args(arguments)
    write_text(PAGE, filled(PAGE.read_text(), {"fragile": fragile_table(computed())}))


def computed() -> dict[str, Turned]:
    """Return the claims of all figures, decided again without each task."""
    project = Project()
    arrays = {figure: committed_arrays(project, figure) for figure in FIGURES}
    quantities = {}
    for figure, panels in arrays.items():
        quantities |= conclusions(project, figure, panels)
    results: dict[str, Turned] = {}
    for figure, panels in arrays.items():
        claims = tuple(c for c in claims_of(project.rooms) if _about(c, figure, quantities))
        preset = plan(project, [f"figure={figure}/{project.committed_preset(figure)}"])
        own = {name: panel for name, panel in preset.root.panels.items() if name in panels}
        for name, result in turned(figure, own, panels, claims, quantities, _report).items():
            results[name] = _sum(results[name], result) if name in results else result
    return dict(sorted(results.items(), key=lambda item: int(item[0][1:])))


def fragile_table(results: Mapping[str, Turned]) -> str:
    """Return the table of fragile verdicts."""
    rows = [
        [name, result.verdict, *(_share(result, kind) for kind in ("tuning", "judged"))]
        for name, result in results.items()
        if result.fragile
    ]
    header = ["claim", "verdict", "tuning tasks that turn it", "judged tasks that turn it"]
    return table(header, rows)


def _report(panel: str) -> None:
    print(panel, file=sys.stderr, flush=True)


def _share(result: Turned, kind: str) -> str:
    turned_by, tried = result.turned[kind], result.tried[kind]
    return f"{turned_by} of {tried}" if tried else "–"


def _about(claim: Claim, figure: str, quantities: Mapping[str, object]) -> bool:
    named = any(value.startswith(f"{figure}.") for value in claim.value_of)
    return named and claim.preset != "smoke" and set(claim.value_of) <= set(quantities)


def _sum(first: Turned, second: Turned) -> Turned:
    return Turned(
        first.verdict,
        {kind: first.turned[kind] + n for kind, n in second.turned.items()},
        {kind: first.tried[kind] + n for kind, n in second.tried.items()},
    )


if __name__ == "__main__":
    run_command(main)
