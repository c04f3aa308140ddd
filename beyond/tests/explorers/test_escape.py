"""Escape: both ways through the plane are those of `snn`; the headline holds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.boolean.boolean_tasks import SOLVED, TaskFamily, squared
from beyond.experiments.boolean.directions import exact_gradient, mean_gradient, wrong_patterns
from tests.explorers.opened import EXACT, ROOT

SHAPE = TaskFamily(bits=3, ones=4, sizes=(3, 4, 4, 1))


@pytest.fixture(scope="module")
def escape():
    """The plane of figure 10: its origin, its unit vectors, the task's answers."""
    with np.load(ROOT / "beyond/figures/reference/fig10.npz") as arrays:
        return [jnp.array(arrays[f"escape/{name}"][0]) for name in ("start", "plane", "targets")]


@jax.jit
def reference(weights, beta, targets, slope):
    """Wrong patterns, the exact gradient, and the surrogate's mean."""
    at = SHAPE, targets, weights, beta
    return wrong_patterns(*at), exact_gradient(*at), mean_gradient(slope, *at, squared())


@jax.jit
def ways(start, plane, targets, place, beta, slope, rate):
    """Wrong patterns on 600 steps in the plane, by the exact gradient and by the mean."""

    def step(places, _):
        at = [reference(start + place @ plane, beta, targets, slope) for place in places]
        taken = [plane @ values[1 + i] for i, values in enumerate(at)]
        wrong = jnp.array([values[0] for values in at])
        return places - rate * jnp.array(taken), wrong

    return jax.lax.scan(step, jnp.stack([place, place]), length=601)[1]


def test_the_plane_is_that_of_the_figure(escape):
    start, plane, targets = escape
    assert np.array(plane @ plane.T) == pytest.approx(np.eye(2), abs=1e-12)
    with np.load(ROOT / "beyond/figures/reference/fig10.npz") as arrays:
        x, y, wrong = (arrays[f"escape/{name}"][0] for name in ("x", "y", "wrong"))
    for i, j in ((0, 0), (20, 9), (33, 40)):
        computed, *_ = reference(start + jnp.array([x[j], y[i]]) @ plane, 16.0, targets, 4.0)
        assert float(computed) == pytest.approx(wrong[i, j], abs=1e-6)


def test_escape(explorer, escape):
    page, (start, plane, targets) = explorer("escape"), escape
    ids = [f"{way}_{what}" for what in ("highest", "end") for way in ("exact", "surrogate")]

    def both(place, beta, share, rate):
        wrong = np.array(ways(start, plane, targets, jnp.array(place), beta, share * beta, rate))
        assert page.number("start") == pytest.approx(wrong[0, 0], abs=1e-9)
        wanted = [*wrong.max(axis=0), *wrong[-1]]
        assert page.numbers(*ids) == pytest.approx(np.array(wanted), **EXACT)
        return page.number("start"), *page.numbers(*ids)

    first, exact_highest, highest, exact_end, end = both((0.0, 0.0), 16.0, 0.25, 1.5)
    # The headline: one is stuck without a climb, the other climbs and solves the task.
    assert exact_end > SOLVED > end
    assert exact_highest == first < highest - 0.05
    page.set(share=0)
    *_, end = both((0.0, 0.0), 16.0, 1.0, 1.5)
    assert end > SOLVED  # Of the noise's own slope it is stuck as well.
    page.set(x=0.7, y=0.4, beta=np.log10(4), share=-0.3, rate=-0.5)
    both((0.7, 0.4), 4.0, 10**-0.3, 10**-0.5)
