"""The page of all runs in a folder of results, index.html, and the pages that it lists."""

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import quote

from experiments.engine.atomic import locked, write_text
from experiments.engine.record import Record
from experiments.engine.registry import Project
from experiments.runs.page import render
from experiments.runs.published import place, published

PLAIN = re.compile(r"[\w.,:/=+@\[\]-]+")


def write(results: Path) -> None:
    """Write the index anew; of two runs that end at once, the later one's page has both."""
    with locked(results):
        figures: dict[str, list[dict[str, str]]] = {}
        for run in published(results):
            figures.setdefault(run.plan.figure, []).append(_card(run, results))
        sweeps = [str(path.relative_to(results)) for path in results.glob("sweeps/*/summary.csv")]
        reports = sorted(path.stem for path in results.glob("reports/*.html"))
        page = render(
            "index.html",
            title="Runs",
            figures=figures,
            sweeps=sorted(sweeps)[::-1],
            reports=[(name, f"reports/{quote(name)}.html") for name in reports],
        )
        write_text(results / "index.html", page)


def add(project: Project, template: str, runs: tuple[Record, ...], **values: Any) -> Path:
    """Write a page on runs below results/reports/ and list it; return its path."""
    results = project.root / "results"
    folders = [place(run).resolve() for run in runs]
    inside = results.resolve()
    # As "smoke-fig5-published.radius=1.0".
    names = [
        "-".join(x.relative_to(inside).parts if x.is_relative_to(inside) else x.parts[-2:])
        for x in folders
    ]
    path = results / "reports" / f"{'--'.join(names)}.html"
    write_text(path, render(template, **values))
    write(results)
    return path


def _card(run: Record, results: Path) -> dict[str, str]:
    plan, folder = run.plan, str(place(run).relative_to(results))
    # As one types it: what a shell would take apart is quoted, brackets are not.
    typed = " ".join(x if PLAIN.fullmatch(x) else shlex.quote(x) for x in plan.overrides)
    arguments = f" ARGS={shlex.quote(typed)}" if typed else ""
    return {
        "title": plan.title,
        "folder": folder,
        "href": quote(folder),
        "changed": ", ".join(plan.modified),
        "when": run.provenance["timestamp"].replace("T", " ").partition("+")[0],
        "command": f"make figure-{plan.figure[3:]} PRESET={plan.preset}{arguments}",
    }
