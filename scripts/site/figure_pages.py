"""Pages of the figures: claim, picture, caption, exercises, verdicts, parameters."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from experiments.engine.cache import write_text
from experiments.engine.config import Project, Run, plan
from experiments.params import listed
from experiments.replication import goldens
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import Outcome
from figures.captions import Caption, caption

PROJECT = Project()
ROOT = PROJECT.root
EXPLORERS = ROOT / "explorers" / "pages"
Outcomes = Sequence[tuple[Claim, Outcome]]


def write(stage: Path) -> None:
    """Write the page of each figure, and an overview.

    A page is in the docs/ of its figure's place: links of captions and notes are relative to it.
    """
    known = goldens.committed_quantities(PROJECT)
    outcomes = [(claim, claim.evaluate(known)) for claim in claims_of(PROJECT.places)]
    for figure in PROJECT.presets():
        write_text(stage / _place(figure), page(figure, outcomes))
    write_text(stage / "docs" / "figures.md", index())


def index() -> str:
    """Return the overview of all figures, each with its claim."""
    parts = ["# The figures\n\nDrawn from the committed numbers; every claim has its page.\n"]
    parts.append("::::{container} gallery\n")
    for figure in PROJECT.presets():
        gallery = PROJECT.place(figure).gallery
        teaser, full = gallery / f"{figure}_teaser.png", gallery / f"{figure}.png"
        file = teaser if teaser.is_file() else full
        number, headline = figure[3:], _caption(figure).headline
        picture, page = f"/{file.relative_to(ROOT)}", f"/{_place(figure)}"
        parts.append(f":::{{container}} card\n[![Figure {number}]({picture})]({page})\n")
        parts.append(f"**[{number}]({page})** {headline}\n:::\n")
    parts.append("::::\n")
    names = "\n".join(f"Figure {f[3:]} </{_place(f)}>" for f in PROJECT.presets())
    parts.append(f"```{{toctree}}\n:hidden:\n\n{names}\n```\n")
    return "\n".join(parts)


def page(figure: str, outcomes: Outcomes) -> str:
    """Return the page of a figure, as "fig4", with the claims on it among all outcomes."""
    preset = PROJECT.committed_preset(figure)
    overrides = [f"figure={figure}/{preset}"]
    number = figure[3:]
    supplement, figure_caption = _caption(f"{figure}_supplement"), _caption(figure)
    text = [f"# {figure_caption.headline.rstrip('.')}\n", f"{{.kicker}}\nFigure {number}\n"]
    text += [
        _picture(figure),
        _explorer(figure),
        _listed(figure_caption.body),
        "\n## Draw it\n",
        _command(figure, preset),
    ]
    changes = [f"{x['look']}\n\n```sh\n{x['command']}\n```\n" for x in figure_caption.change]
    text += ["## Change this\n", *changes]
    text += ["## What it decides\n", *_claims(figure, outcomes)]
    if supplement.headline:
        text += ["## Supplement\n", f"**{supplement.headline}**\n"]
        text += [_picture(f"{figure}_supplement"), _listed(supplement.body)]
    listing = f"```text\n{listed(PROJECT, overrides)}\n```\n"
    text += ["\n## Parameters\n"]
    text += _folded(f"As `make params-{number} PRESET={preset}` lists them", [listing])
    text += ["\n## Behind it\n", *_behind(figure, plan(PROJECT, overrides))]
    return "\n".join(text) + "\n"


def _place(figure: str) -> Path:
    place = PROJECT.place(figure.partition("_")[0]).folder
    return place.relative_to(ROOT) / "docs" / f"{figure}.md"


def _up(figure: str) -> str:
    """Return the relative path from the page of a figure to the root of the site."""
    return os.path.relpath(".", _place(figure).parent)


def _caption(picture: str) -> Caption:
    return caption(picture, PROJECT.place(picture.partition("_")[0]).captions)


def _picture(picture: str) -> str:
    file = PROJECT.place(picture.partition("_")[0]).gallery / f"{picture}.png"
    alt = f"{picture}: {_caption(picture).headline}".replace("fig", "Figure ", 1)
    # The link target is the address of the picture, so that a tap shows the picture itself.
    options = f":alt: {alt}\n:target: {_up(picture)}/_images/{file.name}\n"
    return f":::{{figure}} /{file.relative_to(ROOT)}\n{options}:::\n"


def _command(figure: str, preset: str) -> str:
    command = f"make figure-{figure[3:]} PRESET={preset}"
    times = "[Times](/docs/running.md#times) lists the seconds of each preset."
    return f"```sh\n{command}\n```\n\nShown is the preset `{preset}`. {times}\n"


def _claims(figure: str, outcomes: Outcomes) -> Iterator[str]:
    mine = [x for x in outcomes if any(n.startswith(f"{figure}.") for n in x[0].value_of)]
    report = "[replication report](../REPLICATION.md)"
    yield f"`make verify` decides them. The {report} has the rules, and how far claims go.\n"
    held = sum(outcome.holds is True for _, outcome in mine)
    yield from _folded(f"{len(mine)} claims, of which {held} hold", [_card(*x) for x in mine])


def _explorer(figure: str) -> str:
    name = _caption(figure).explorer
    if not (EXPLORERS / f"{name}.html").is_file():
        return ""
    address = f"{_up(figure)}/explorers/{name}.html"
    return f"<p><a href='{address}'>Try it: the explorer</a></p>\n"


def _behind(figure: str, run: Run) -> Iterator[str]:
    modules = {type(x).__module__ for x in run.panels.values()}
    for module in sorted(modules):
        yield f"- Experiment `{module}`"
    yield f"- Drawing `{PROJECT.place(figure).figures}.{figure}`"
    # Sphinx puts the headings in.
    for target in _caption(figure).derivation:
        yield f"- Theory: [](/{target})"


def _listed(body: str) -> str:
    """Return a caption whose paragraphs on panels are a list, by letter."""
    return re.sub(r"^(?=\*\*[a-z](?:, [a-z])*\*\*)", "- ", body, flags=re.M)


def _folded(summary: str, parts: list[str]) -> list[str]:
    """Return parts of a page, folded until a reader clicks on the summary.

    Blank lines make Sphinx read the parts as Markdown.
    """
    summary = re.sub("`([^`]+)`", r"<code>\1</code>", summary)
    head = f"<details class='more'>\n<summary>{summary}</summary>\n"
    return [head, *parts, "</details>\n"] if parts else []


def _card(claim: Claim, outcome: Outcome) -> str:
    limit = "; ".join(filter(None, (str(claim.relation), claim.limit)))
    head = f":::{{admonition}} {claim.id}: {outcome.verdict}\n:class: claim {outcome.verdict}\n\n"
    return head + (
        f"{claim.statement}\n\n"
        f"*Measured*: {claim.quantity}: **{outcome.measured}**; must be: {limit}.\n\n"
        f"*n*: {claim.n}. Preset `{claim.preset}`; source: {claim.source}.\n:::\n"
    )
