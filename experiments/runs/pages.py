"""The page of all runs in a folder of results, index.html, and the pages that it lists.

A report or comparison needs no other file: pictures and formulas stand in it.
"""

import base64
import io
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from experiments.engine.compute.atomic import locked, write_text
from experiments.engine.compute.record import Record
from experiments.engine.configure.registry import Project
from experiments.runs.published import place, published

PLAIN = re.compile(r"[\w.,:/=+@\[\]-]+")
FORMULA = re.compile(r"\$([^$]+)\$")
POINTS = 11.25
"""Size of the text around a formula: 15 dots, see templates/base.html."""


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


def render(template: str, **values: Any) -> str:
    """Render a page of `templates/`; values are escaped."""
    environment = Environment(
        loader=PackageLoader("experiments.runs"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"inlined": inlined, "markdown": markdown}
    return environment.get_template(template).render(**values)


def inlined(picture: Path) -> str:
    """Return a PNG as a data URL."""
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


def markdown(text: str) -> Markup:
    """Return a caption as HTML, with its formulas drawn."""
    # Loaded here, as Matplotlib below: the list of runs, written after every run, has no captions.
    from markdown_it import MarkdownIt

    formulas = FORMULA.findall(text)
    html = MarkdownIt().render(FORMULA.sub("\0", text).replace("\0", "FORMULA"))
    for formula in formulas:
        html = html.replace("FORMULA", _formula(formula), 1)
    return Markup(html)


@cache
def _formula(tex: str) -> str:
    """Return a formula as an inline picture."""
    from matplotlib import mathtext
    from matplotlib.font_manager import FontProperties

    file = io.BytesIO()
    size = FontProperties(size=POINTS)
    depth = mathtext.math_to_image(f"${tex}$", file, size, dpi=72, format="svg")
    picture = base64.b64encode(file.getvalue()).decode()
    style = f"vertical-align:-{depth}pt"
    source = f"data:image/svg+xml;base64,{picture}"
    return f'<img class="formula" alt="{escape(tex)}" style="{style}" src="{source}">'
