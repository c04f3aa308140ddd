"""The page docs/figures.md: captions, headline numbers and pictures of the figures."""

from experiments.engine.config import Place
from experiments.tables import table
from figures.captions import caption
from figures.drawing import pictures
from figures.looks import MARKS
from figures.verdicts import RULE

HEAD = f"""<!-- Written by `make gallery` from figures/captions: change those. -->

# The figures

Drawn from the committed numbers by `make gallery`.
Where methods are compared, a colour and a marker together mean one method in all figures.
{MARKS}
{RULE}

The number of each figure in short:
"""
PAGE = "docs/figures.md"
"""The page, in a place."""


def headline_numbers(place: Place) -> str:
    """Return a table of figures, their commands and their headline numbers."""
    captions = {figure[3:]: caption(figure, place.captions) for figure in place.figures_in()}
    rows = [(number, f"`make figure-{number}`", text.number) for number, text in captions.items()]
    return table(["figure", "command", "headline number"], rows)


def page(place: Place) -> str:
    """Return the figures' numbers, and every picture with its full caption."""
    parts = [HEAD, headline_numbers(place)]
    for figure in place.figures_in():
        number = figure.removeprefix("fig")
        parts.append(f"## Figure {number}\n")
        for picture in pictures(figure, place.figures):
            text = caption(picture, place.captions)
            name = f"Figure {number}" + (", supplement" if picture != figure else "")
            parts.append(f"![{name}](../figures/gallery/{picture}.png)\n")
            parts.append(f"**{text.headline}**\n\n{text.body}\n")
    return "\n".join(parts)
