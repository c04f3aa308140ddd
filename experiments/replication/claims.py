"""The claims of the paper's chapters, and of those beyond it, each tied to numbers that decide it.

A claim names golden quantities, as "fig4.along_w.dy_dw_true", and the relation that they must
stand in. Several lines may belong to one claim: C1a, C1b. Each chapter has its own, in modules
whose names begin with "claims".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from itertools import chain
from types import ModuleType

from experiments.engine.registry import Room
from experiments.replication.claim import Claim


def claims_of(rooms: Iterable[Room], chapters: Iterable[str] = "*") -> tuple[Claim, ...]:
    """Return the claims of some rooms in order, or of some of their chapters; import no other."""
    modules = [
        import_module(f"{room.experiments}.{path.parent.name}.{path.stem}")
        for room in rooms
        for chapter in chapters
        for path in room.chapters.glob(f"{chapter}/claims*.py")
    ]
    return tuple(sorted(chain(*map(_of, modules)), key=_order))


def _order(claim: Claim) -> tuple[str, int, str]:
    """C2a before C2b before C10."""
    letter, number, line = re.split(r"(\d+)", claim.id)
    return letter, int(number), line


def _of(chapter: ModuleType) -> Iterator[Claim]:
    for claim in chapter.CLAIMS:
        yield claim if claim.source else replace(claim, source=chapter.SOURCE)
