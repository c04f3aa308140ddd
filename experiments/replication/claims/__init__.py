"""The paper's claims, and those of our extensions, each tied to the numbers that decide it.

A claim names golden quantities, as "fig4.along_w.dy_dw_true", and the relation that they must
stand in. Several lines may belong to one claim: C1a, C1b. Each chapter has a module here.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from types import ModuleType

from experiments.replication.claim import Claim

CHAPTERS = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]


def _order(claim: Claim) -> tuple[str, int, str]:
    """C2a before C2b before C10."""
    letter, number, line = re.split(r"(\d+)", claim.id)
    return letter, int(number), line


def _of(chapter: ModuleType) -> Iterator[Claim]:
    for claim in chapter.CLAIMS:
        yield claim if claim.source else replace(claim, source=chapter.SOURCE)


CLAIMS: tuple[Claim, ...] = tuple(sorted(chain(*map(_of, CHAPTERS)), key=_order))
