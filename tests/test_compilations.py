"""Programs that XLA compiles for a figure: no more than are written here.

Compilation is most of what a first run waits for. A shape, or a field that is static, which changes
from call to call compiles everything anew; nobody sees that in the numbers.
"""

import json
from typing import Any

import pytest

from experiments.engine.compute.provenance import package_version
from experiments.engine.configure.registry import Project

PROJECT = Project()
RESULTS = PROJECT.root / "results" / "smoke"

JAX = "0.10.1"
MOST = {
    figure: n
    for room in PROJECT.rooms
    for figure, n in json.loads((room.folder / "tests/compilations.json").read_text()).items()
}
"""Programs of each figure at smoke, with this version of JAX. A lower number is written, too."""


def parts(figure: str) -> list[dict[str, Any]]:
    """Return how each part of a figure was computed; empty where a part does not say."""
    path = RESULTS / figure / "meta.json"
    meta = json.loads(path.read_text()) if path.is_file() else {"panels": {}, "checks": {}}
    actual = [part for kind in ("panels", "checks") for of in meta[kind].values() for part in of]
    # Panels that are equal are computed once, and the second says that it is cached.
    once = {part["key"]: part for part in sorted(actual, key=lambda part: not part["cached"])}
    return list(once.values()) if all("compilations" in part for part in actual) else []


def test_every_figure_has_a_number():
    assert list(MOST) == list(PROJECT.presets())


# Counted in the figures that `make smoke` has made: nothing is computed for this test.
@pytest.mark.parametrize("figure", MOST)
@pytest.mark.skipif(package_version("jax") != JAX, reason=f"counted with JAX {JAX}")
def test_no_more_is_compiled(figure):
    actual = parts(figure)
    n = sum(part["compilations"] for part in actual)
    if not actual or n > MOST[figure] and any(part["cached"] for part in actual):
        # Parts that are computed one by one share no programs.
        pytest.skip("make clean smoke counts them")
    assert n <= MOST[figure], f"{figure} compiles {n} programs, not {MOST[figure]}"
