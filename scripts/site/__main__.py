"""Build the companion site: pages by Sphinx, the executed tutorial, the explorers, and a check."""

import argparse
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.atomic import locked, new_folder, write_text
from experiments.engine.errors import UserError, run_command
from experiments.engine.registry import Project
from experiments.markdown import block
from experiments.replication import page
from scripts import arrays, explorers
from scripts.site import api, check, notebook
from scripts.site.figure_pages import EXPLORERS, FigurePages
from scripts.site.links import ROOT, Links

MARK = ".companion-site"
"""A file in each built site: a folder that has it is replaced by the next build, and no other."""

NAMED = {
    "docs": "overview",
    "docs/arrays.md": "arrays",
    "docs/README.md": "overview",
    "docs/estimators": "estimators/index",
    "docs/figures.md": "figures/index",
    "docs/site/start.md": "index",
    "CHANGELOG.md": "changelog",
    "CONTRIBUTING.md": "contributing",
    "README.md": "index",
    "REPLICATION.md": "replication",
}
"""Files and folders whose page has another name than the file."""

GENERATED = {"docs/arrays.md", "docs/figures.md", "README.md"}
"""Their content is on other pages."""

CONTENTS = {
    "Understand": [
        *("tutorial", "tutorial_student", "figures/index", "explorers", "which_gradient"),
        "glossary",
    ],
    "Theory": [
        *("Overview and notation <overview>", "estimators/index", "couplings", "escape_noise"),
        *("surrogate_derivatives", "neurons", "deep_networks", "true_gradient"),
        *("between_spikes", "why_bias_helps", "hypotheses", "stochastic_triples"),
    ],
    "Your own networks": [
        *(
            "tutorial_practitioner",
            "your_own_network",
            "doctor",
            "doctor_two_bugs",
            "audit",
            "conformance",
        ),
        *("tools", "arrays", "runs"),
    ],
    "Reproduce": [
        "replication",
        "beyond",
        "replication_beyond",
        "artifact",
        "times",
        "data",
        "speech",
        "clusters",
        "gpu",
    ],
    "Reference": ["api/index", "code/index", "contributing", "changelog", "licences"],
}
"""The sidebar. A page of docs/ that is not named here goes to "Reference"."""

NOTEBOOK = "\n{download}`This page as an executed notebook </docs/tutorial.ipynb>`\n"


def main(arguments: Sequence[str]) -> int:
    """Build the site; return 1 if anything is wrong with it."""
    parser = argparse.ArgumentParser("python -m scripts.site", description=__doc__)
    parser.add_argument("folder", type=Path, help="such as site; a site built there is replaced")
    site, build = parser.parse_args(arguments).folder.resolve(), (ROOT / "build").resolve()
    _check_folder(site, build)
    with locked(build):
        return _build(site, build)


def _check_folder(site: Path, build: Path) -> None:
    """Refuse to replace anything but a site, or to build it among its own sources."""
    if os.path.lexists(site) and not (site / MARK).is_file():
        got = f"a folder without {MARK}" if site.is_dir() else "a file"
    elif site.is_relative_to(build):
        got = f"a folder in {build}, which each build empties"
    else:
        return
    expected = "a new folder, or a site that this command has built"
    raise UserError(f"{site} cannot be replaced", got, expected, "name another, or move it away")


def _build(site: Path, build: Path) -> int:
    """Build it, as the only one, and put it in its place once it is whole."""
    html = build / "html"
    for folder in (html, build / "pages", build / "doctrees"):
        shutil.rmtree(folder, ignore_errors=True)
    lay_out(build / "pages")
    notebook.write(build / "pages" / "docs")
    _run_sphinx(build, html)
    explorers.build(html / "explorers")
    if (ROOT / "results" / "index.html").is_file():
        (html / "results").symlink_to(ROOT / "results")
    (html / MARK).touch()
    found = check.faults(html)
    _check_folder(site, build)  # which somebody may have made meanwhile
    with new_folder(site) as new:
        shutil.copytree(html, new, symlinks=True, dirs_exist_ok=True)
    print("\n".join(found) or f"{site}: links, commands and weights are in order")
    return int(bool(found))


def _run_sphinx(build: Path, html: Path) -> None:
    """Have Sphinx turn the pages into HTML, in this process: a signal ends both."""
    from sphinx.cmd.build import build_main

    words = "--quiet --fail-on-warning --keep-going".split()
    places = "-c", ROOT / "docs" / "site", "-d", build / "doctrees", build / "pages", html
    if status := build_main([*words, *map(str, places)]):
        got, expected = f"status {status}, see above", "pages without a warning"
        raise UserError("Sphinx did not build the site", got, expected, "mend what it names")


def lay_out(stage: Path) -> None:
    """Write all pages for Sphinx."""
    pages = found()
    links = Links(stage, pages, api.documented())
    sources = [name for name in pages if name.endswith(".md") and name not in GENERATED]
    rooms = {str(x.folder.relative_to(ROOT) / "REPLICATION.md"): x for x in Project().rooms}
    FigurePages(Project(), links).write(stage)
    api.write(stage)
    write_text(stage / "runs.md", runs(ROOT / "results"))
    listed = links.rewrite(arrays.render(Project()), "docs/arrays.md", "arrays")
    write_text(stage / "arrays.md", listed)
    write_text(stage / "estimators" / "index.md", estimators(pages))
    if shown := explorers_page():
        write_text(stage / "explorers.md", shown)
    for source in sources:
        text = (ROOT / source).read_text()
        if pages[source] == "tutorial":
            text += NOTEBOOK
        if source in rooms:
            text += "\n" + page.numbers(Project(), rooms[source])
        if pages[source] == "index":
            written = {"api/index", "code/index", "runs", *(["explorers"] if shown else [])}
            text += contents(set(pages.values()) | written)
        text = links.rewrite(text, source, pages[source])
        if pages[source] == "index":
            text = text.replace("<!-- answer -->", links.rewrite(answer(), "README.md", "index"))
        write_text(stage / f"{pages[source]}.md", text)
    links.write_code()
    for picture in links.pictures:
        (stage / picture).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / picture, stage / picture)


def answer() -> str:
    """Return README's answer in five sentences."""
    return block((ROOT / "README.md").read_text(), "answer")


def found() -> dict[str, str]:
    """Return the page of every file of the repository that has one."""
    files = [*ROOT.glob("docs/*.md"), *ROOT.glob("docs/estimators/*.md"), *ROOT.glob("*/docs/*.md")]
    names = [str(file.relative_to(ROOT)) for file in files]
    pages = {name: name.rpartition("docs/")[2].removesuffix(".md") for name in names}
    for room in sorted({file.parts[-3] for file in ROOT.glob("*/docs/*.md")}):
        # A room beside the companion: its folder and front page, its figures, its report.
        pages |= {room: room, f"{room}/README.md": room, f"{room}/docs": room}
        if (ROOT / room / "REPLICATION.md").is_file():
            pages |= {f"{room}/REPLICATION.md": f"replication_{room}"}
    return {name: page for name, page in pages.items() if page != "figures"} | NAMED


def contents(pages: set[str]) -> str:
    """Return the sidebar: what there is, in order."""
    listed = {page for chosen in CONTENTS.values() for page in chosen}
    rest = sorted(p for p in pages - listed - {"index"} if "/" not in p)
    rest.remove("overview")
    parts = []
    for heading, chosen in CONTENTS.items():
        names = [page for page in chosen if page in pages or "<" in page]
        names += rest if heading == "Reference" else []
        lines = "\n".join(names)
        parts.append(f"```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{lines}\n```\n")
    return "\n" + "\n".join(parts)


def estimators(pages: dict[str, str]) -> str:
    """Return the list of the estimators' pages."""
    chosen = sorted(page for page in pages.values() if re.match(r"estimators/(?!index)", page))
    names = "\n".join(page.partition("/")[2] for page in chosen)
    head = "# Estimators\n\nOne page each: claim, derivation, when it is exact, what it costs.\n"
    return f"{head}\n```{{toctree}}\n:maxdepth: 1\n\n{names}\n```\n"


def explorers_page() -> str:
    """Return the explorers in their own order, by titles and claims; empty where there are none."""
    items = []
    index = EXPLORERS / "index.html"
    listed = re.findall(r'<a href="(\w+\.html)"', index.read_text()) if index.is_file() else []
    for file in [EXPLORERS / name for name in dict.fromkeys(listed)]:
        text = file.read_text()
        name, claim = (re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", text) for tag in ("title", "h1"))
        if name and claim and file.stem != "index":
            short = name[1].partition(" – ")[0]
            items.append(f"<li><a href='explorers/{file.name}'>{short}</a>: {claim[1]}</li>\n")
    head = "# Explorers\n\nComputed in your browser; each opens as a page of its own.\n\n"
    return f"{head}<ul>\n{''.join(items)}</ul>\n" if items else ""


def runs(results: Path) -> str:
    """Return the page of the user's own runs, which links to what lies in `results`."""
    if not (results / "index.html").is_file():
        return "# Your own runs\n\nThere are none yet. `make figure-4`, then `make site`.\n"
    link = "<p><a href='results/index.html'>All runs in <code>results/</code></a></p>"
    return f"# Your own runs\n\nThey stay on this machine: nothing is copied.\n\n{link}\n"


if __name__ == "__main__":
    run_command(main)
