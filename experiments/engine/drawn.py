"""What a published picture was drawn from, and whether it is still that picture."""

import hashlib
import json
from functools import cache
from pathlib import Path

import grimp

import figures
from experiments.engine.provenance import package_version
from experiments.engine.record import META
from experiments.engine.registry import Project
from experiments.engine.store import checksum
from figures.captions import caption
from figures.drawing import Words, pack
from figures.panels import Data

SUFFIXES = (".png", ".pdf")
"""In the order of `figures.saving.save`."""
DRAWING_PACKAGES = ("matplotlib", "numpy")


def drawn_from(project: Project, picture: str, panels: Data, words: Words) -> str:
    """Return a hash of all that decides a picture: numbers, code, style, headline, matplotlib.

    Args:
        project: Where renderers lie.
        picture: As "fig4_supplement".
        panels: Its figure's arrays, by panel and name.
        words: What is printed around the figure.
    """
    room = project.room(picture.partition("_")[0])
    package = room.figures.partition(".")[0]
    roots = {"figures": Path(figures.__file__).parents[1], package: project.root}
    graph = _graph(*roots)
    modules = {f"{room.figures}.{picture}", "figures.drawing"}
    modules |= {used for module in modules for used in graph.find_upstream_modules(module)}
    digest = hashlib.sha256(checksum(pack(panels, words)).encode())
    for module in sorted(modules):
        base = roots[module.partition(".")[0]] / module.replace(".", "/")
        init = base / "__init__.py"
        source = init if init.is_file() else base.with_suffix(".py")
        digest.update(f"{module}\n{source.read_text()}\n".encode())
    style = (roots["figures"] / "figures/style.mplstyle").read_text()
    headline = caption(picture, room.captions).headline
    versions = [f"{name} {package_version(name)}" for name in DRAWING_PACKAGES]
    digest.update("\n".join([style, headline, *versions]).encode())
    return digest.hexdigest()


@cache
def _graph(*packages: str) -> grimp.ImportGraph:
    """Return what imports what, built once for all pictures of a process."""
    return grimp.build_graph(*packages, cache_dir=None)


def described(folder: Path, picture: str, identity: str) -> dict[str, str | None]:
    """Return what the record says of a picture: what it was drawn from, and its files' hashes."""
    files = [folder / f"{picture}{suffix}" for suffix in SUFFIXES]
    return {"drawn_from": identity} | {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        for path in files
    }


def is_current(folder: Path, picture: str, identity: str) -> bool:
    """Return whether a folder holds the picture, undamaged, as it would be drawn again."""
    try:
        recorded = json.loads((folder / META).read_text())["pictures"][picture]
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return recorded == described(folder, picture, identity)
