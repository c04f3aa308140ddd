"""Pages of the figures: claim, picture, caption, exercises, verdicts, parameters."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from experiments.engine.cache import write_text
from experiments.engine.config import Project, Run, plan
from experiments.params import listed
from experiments.replication import goldens
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import Outcome
from figures.captions import Caption, caption
from scripts.site.links import ROOT

EXPLORERS = ROOT / "explorers" / "pages"


class FigurePages:
    """Pages of all figures.

    The page of a figure is in the docs/ of its room: links of captions and notes are written
    relative to this folder.

    Args:
        project: Configurations and goldens.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        known = goldens.committed_quantities(project)
        self.outcomes = [(claim, claim.evaluate(known)) for claim in claims_of(project.places)]

    def write(self, stage: Path) -> None:
        """Write the page of each figure, and an overview."""
        for figure in self.project.presets():
            write_text(stage / self._place(figure), self.page(figure))
        write_text(stage / "docs" / "figures.md", self.index())

    def index(self) -> str:
        """Return the overview of all figures, each with its claim."""
        parts = ["# The figures\n\nDrawn from the committed numbers; every claim has its page.\n"]
        parts.append("::::{container} gallery\n")
        for figure in self.project.presets():
            file = self._teaser(figure) or self.project.place(figure).gallery / f"{figure}.png"
            number, headline = figure[3:], self._caption(figure).headline
            picture, page = f"/{file.relative_to(ROOT)}", f"/{self._place(figure)}"
            parts.append(f":::{{container}} card\n[![Figure {number}]({picture})]({page})\n")
            parts.append(f"**[{number}]({page})** {headline}\n:::\n")
        parts.append("::::\n")
        names = "\n".join(f"Figure {f[3:]} </{self._place(f)}>" for f in self.project.presets())
        parts.append(f"```{{toctree}}\n:hidden:\n\n{names}\n```\n")
        return "\n".join(parts)

    def page(self, figure: str) -> str:
        """Return the page of a figure, as "fig4"."""
        preset = self.project.committed_preset(figure)
        overrides = [f"figure={figure}/{preset}"]
        number = figure[3:]
        supplement, figure_caption = self._caption(f"{figure}_supplement"), self._caption(figure)
        text = [f"# {figure_caption.headline.rstrip('.')}\n", f"{{.kicker}}\nFigure {number}\n"]
        text += self._pictures(figure)
        text += [
            self._explorer(figure),
            _listed(figure_caption.body),
            "\n## Draw it\n",
            self._command(figure, preset),
        ]
        changes = [f"{x['look']}\n\n```sh\n{x['command']}\n```\n" for x in figure_caption.change]
        text += ["## Change this\n", *changes]
        text += ["## What it decides\n", *self._claims(figure)]
        if supplement.headline:
            text += ["## Supplement\n", f"**{supplement.headline}**\n"]
            text += [self._picture(f"{figure}_supplement"), _listed(supplement.body)]
        listing = f"```text\n{listed(self.project, overrides)}\n```\n"
        text += ["\n## Parameters\n"]
        text += _folded(f"As `make params-{number} PRESET={preset}` lists them", [listing])
        text += ["\n## Behind it\n", *self._behind(figure, plan(self.project, overrides))]
        return "\n".join(text) + "\n"

    def _place(self, figure: str) -> Path:
        room = self.project.place(figure.partition("_")[0]).folder
        return room.relative_to(ROOT) / "docs" / f"{figure}.md"

    def _up(self, figure: str) -> str:
        """Return the relative path from the page of a figure to the root of the site."""
        return os.path.relpath(".", self._place(figure).parent)

    def _caption(self, picture: str) -> Caption:
        return caption(picture, self.project.place(picture.partition("_")[0]).captions)

    def _teaser(self, figure: str) -> Path | None:
        """Return the file of a figure's teaser, if it has one."""
        file = self.project.place(figure).gallery / f"{figure}_teaser.png"
        return file if file.is_file() else None

    def _pictures(self, figure: str) -> Iterator[str]:
        """Return the figure, and for a narrow window its teaser, whose letters can be read there.

        A tap on either shows all panels.
        """
        if not (teaser := self._teaser(figure)):
            yield self._picture(figure)
            return
        yield self._picture(figure, ":figclass: all-panels\n")
        target = f"{self._up(figure)}/_images/{figure}.png"
        options = f":alt: Figure {figure[3:]}, in short\n:target: {target}\n:figclass: in-short\n"
        words = "In short; a tap shows all panels."
        yield f":::{{figure}} /{teaser.relative_to(ROOT)}\n{options}\n{words}\n:::\n"

    def _picture(self, picture: str, options: str = "") -> str:
        file = self.project.place(picture.partition("_")[0]).gallery / f"{picture}.png"
        alt = f"{picture}: {self._caption(picture).headline}".replace("fig", "Figure ", 1)
        # The link target is the address of the picture, so that a tap shows the picture itself.
        options += f":alt: {alt}\n:target: {self._up(picture)}/_images/{file.name}\n"
        return f":::{{figure}} /{file.relative_to(ROOT)}\n{options}:::\n"

    def _command(self, figure: str, preset: str) -> str:
        command = f"make figure-{figure[3:]} PRESET={preset}"
        times = "[Times](/docs/running.md#times) lists the seconds of each preset."
        return f"```sh\n{command}\n```\n\nShown is the preset `{preset}`. {times}\n"

    def _claims(self, figure: str) -> Iterator[str]:
        mine = [x for x in self.outcomes if any(n.startswith(f"{figure}.") for n in x[0].value_of)]
        report = "[replication report](../REPLICATION.md)"
        yield f"`make verify` decides them. The {report} has the rules, and how far claims go.\n"
        held = sum(outcome.holds is True for _, outcome in mine)
        yield from _folded(f"{len(mine)} claims, of which {held} hold", [_card(*x) for x in mine])

    def _explorer(self, figure: str) -> str:
        name = self._caption(figure).explorer
        if not (EXPLORERS / f"{name}.html").is_file():
            return ""
        address = f"{self._up(figure)}/explorers/{name}.html"
        return f"<p><a href='{address}'>Try it: the explorer</a></p>\n"

    def _behind(self, figure: str, run: Run) -> Iterator[str]:
        modules = {type(x).__module__ for x in run.panels.values()}
        for module in sorted(modules):
            yield f"- Experiment {self._source(figure, module)}"
        yield f"- Drawing {self._source(figure, f'{self.project.place(figure).figures}.{figure}')}"
        for target in self._caption(figure).derivation:
            yield f"- Theory: [{title(target)}](/{target})"

    def _source(self, figure: str, module: str) -> str:
        """Return a link to the source of a module, relative to the page of a figure."""
        path = module.replace(".", "/") + ".py"
        return f"[`{module}`]({os.path.relpath(path, self._place(figure).parent)})"


def title(target: str) -> str:
    """Return the heading behind a link as plain text."""
    path, _, anchor = target.partition("#")
    first = next(x for x in (ROOT / path).read_text().splitlines() if x.startswith("# "))
    return first[2:].replace("`", "") + (f", {anchor.replace('-', ' ')}" if anchor else "")


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
