"""The paper's claims, and those of our extensions, each tied to the numbers that decide it.

A claim names golden quantities, as "fig4.along_w.dy_dw_true", and the relation that they must
stand in. Several lines may belong to one claim: C1a, C1b. Each chapter has modules here,
whose names begin with its own.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from types import ModuleType

from experiments.replication.claim import Claim

CLAIMS: tuple[Claim, ...]
"""All of them, in order."""


def __getattr__(name: str) -> tuple[Claim, ...]:
    # Every chapter is imported for those alone who ask for all.
    if name != "CLAIMS":
        raise AttributeError(name)
    return claims_of([""])


def claims_of(chapters: Iterable[str]) -> tuple[Claim, ...]:
    """Return the claims of some chapters, in order; no other chapter is imported."""
    names = [x.name for x in iter_modules(__path__) if x.name.startswith(tuple(chapters))]
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return tuple(sorted(chain(*map(_of, modules)), key=_order))


def _order(claim: Claim) -> tuple[str, int, str]:
    """C2a before C2b before C10."""
    letter, number, line = re.split(r"(\d+)", claim.id)
    return letter, int(number), line


def _of(chapter: ModuleType) -> Iterator[Claim]:
    for claim in chapter.CLAIMS:
        yield claim if claim.source else replace(claim, source=chapter.SOURCE)
