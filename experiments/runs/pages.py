"""HTML pages on runs, which contain their pictures and formulas."""

import base64
import io
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from experiments.engine.cache import write_text
from experiments.engine.config import Project
from experiments.engine.run import Record
from experiments.runs.published import place

FORMULA = re.compile(r"\$([^$]+)\$")
POINTS = 11.25
"""Size of the text around a formula: 15 dots, see templates/base.html."""


def add(project: Project, runs: Sequence[Record], **values: Any) -> Path:
    """Write a page on runs below results/reports/.

    Args:
        project: Where results lie.
        runs: The runs, which name the page.
        **values: Values of the template.

    Returns:
        The page's path.
    """
    results = project.root / "results"
    folders = [place(run).resolve() for run in runs]
    inside = results.resolve()
    # As "smoke-fig5-published.radius=1.0".
    names = [
        "-".join(x.relative_to(inside).parts if x.is_relative_to(inside) else x.parts[-2:])
        for x in folders
    ]
    path = results / "reports" / f"{'--'.join(names)}.html"
    write_text(path, render("compare.html", **values))
    return path


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
