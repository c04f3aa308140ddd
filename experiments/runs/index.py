"""The page of all runs in a folder of results: index.html."""

import re
import shlex
from pathlib import Path
from urllib.parse import quote

from experiments.engine.atomic import clean, locked, write_text
from experiments.runs.page import render
from experiments.runs.published import Published, published

PLAIN = re.compile(r"[\w.,:/=+@\[\]-]+")


def write(results: Path) -> None:
    """Writes the page anew; of two runs that end at once, the later one's page has both."""
    with locked(results):
        clean(results)
        figures: dict[str, list[dict[str, str]]] = {}
        for run in published(results):
            figures.setdefault(run.figure, []).append(_card(run, results))
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


def _card(run: Published, results: Path) -> dict[str, str]:
    folder = str(run.folder.relative_to(results))
    number, overrides = run.figure.removeprefix("fig"), run.record["overrides"]
    # As one types it: what a shell would take apart is quoted, brackets are not.
    typed = " ".join(x if PLAIN.fullmatch(x) else shlex.quote(x) for x in overrides)
    arguments = f" ARGS={shlex.quote(typed)}" if typed else ""
    return {
        "title": run.title,
        "folder": folder,
        "href": quote(folder),
        "changed": ", ".join(run.record["modified"]),
        "when": run.record["timestamp"].replace("T", " ").partition("+")[0],
        "command": f"make figure-{number} PRESET={run.preset}{arguments}",
    }
