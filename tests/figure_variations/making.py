"""Numbers of figures as other legal parameters give them: computed, or made of the committed ones.

A variation takes a figure's committed panels and returns those of other parameters. Where an
experiment takes a second, `computed` runs it; where it trains, raw numbers are cut, repeated or
scaled, and what follows from them is computed anew (`pooled`).
"""

import warnings
from collections.abc import Callable, Sequence, Set
from contextlib import redirect_stderr, suppress
from copy import copy
from dataclasses import fields, replace
from functools import cache
from io import StringIO
from unittest.mock import patch

import jax
import numpy as np

from experiments.engine.compute.collect import collect
from experiments.engine.configure.compose import Plan, experiments_of, plan
from experiments.engine.configure.registry import Project
from experiments.engine.declare.experiment import Experiment, derived
from experiments.engine.errors import UserError
from figures.panels import Data
from tests.experiments.planned import committed_run, numbers_of

Panel = dict[str, np.ndarray]
Vary = Callable[[Panel], Panel]
Variation = Callable[[Data], Data]


def legal(figure: str) -> dict[str, Variation]:
    """Make two variations of any figure: small parameters and one seed, large ones and twelve."""
    project = Project()
    experiments = experiments_of(project, f"{figure}/paper").values()
    has_seeds = any(item.name == "seeds" for x in experiments for item in fields(x))

    def varied(factor: float, n: int) -> Variation:
        if not has_seeds:
            return stretched(figure, factor)
        return after(stretched(figure, factor, "seeds=[0,1]"), pooled(figure, every=seeds(n)))

    return {"small parameters": varied(0.25, 1), "large parameters": varied(4.0, 12)}


def stretched(figure: str, factor: float, *overrides: str) -> Variation:
    """Compute the smoke preset with every number so many times as large, where that is allowed."""

    def vary(data: Data) -> Data:
        run = plan(Project(), [f"figure={figure}/smoke", *overrides])
        panels = {name: _stretch(e, factor) for name, e in run.root.panels.items()}
        return data | _arrays(run, panels)

    return vary


def _stretch(experiment: Experiment, factor: float) -> Experiment:
    # Whole numbers are sizes, which decide how long it takes.
    for item in fields(experiment):
        value = getattr(experiment, item.name)
        first = value[0] if isinstance(value, list) else value
        if isinstance(first, float):
            more = [factor * x for x in value] if isinstance(value, list) else factor * value
            other = replace(experiment, **{item.name: more})
            with suppress(UserError):
                other.check()
                experiment = other
    return experiment


def computed(choice: str, *overrides: str) -> Variation:
    """Compute the panels of which something is overridden, "neuron.beta=1"; others stay."""

    def vary(data: Data) -> Data:
        run = plan(Project(), [f"figure={choice}", *(f"panels.{item}" for item in overrides)])
        names = {item.partition(".")[0] for item in overrides}
        return data | _arrays(run, {n: e for n, e in run.root.panels.items() if n in names})

    return vary


def _arrays(run: Plan, panels: dict[str, Experiment]) -> Data:
    run = replace(run, root=replace(run.root, panels=panels, checks={}))
    # Compiled as tests compile, with few optimisations: no picture shows the last bits.
    with (
        patch("experiments.engine.compute.collect.activate"),
        jax.numpy_rank_promotion("allow"),
        redirect_stderr(StringIO()),
        warnings.catch_warnings(action="ignore"),
    ):
        return collect(Project(), run, with_cache=False).arrays


def pooled(figure: str, **panels: Vary) -> Variation:
    """Vary raw arrays of panels, "every" for all others with seeds, and pool them again."""

    def vary(data: Data) -> Data:
        assert panels.keys() - {"every"} <= data.keys()
        run = committed_run(figure).root.panels
        experiments = {name: copy(e) for name, e in run.items() if name in data}
        varied = {}
        for name, panel in data.items():
            experiment = experiments[name]
            every = panels.get("every", unchanged) if experiment.seed_list != [None] else unchanged
            raw = {key: panel[key] for key in panel.keys() - pooled_names(figure)[name]}
            varied[name] = raw = panels.get(name, every)(raw)
            if "methods" in raw and "methods" in {field.name for field in fields(experiment)}:
                experiment.methods = list(raw["methods"][0])
        new = derived(experiments, varied)
        return {name: panel | new[name] for name, panel in varied.items()}

    return vary


@cache
def pooled_names(figure: str) -> dict[str, Set[str]]:
    """Names of the committed arrays that follow from others, by panel."""
    data, run = numbers_of(figure), committed_run(figure).root.panels
    experiments = {name: e for name, e in run.items() if name in data}
    return {name: arrays.keys() for name, arrays in derived(experiments, data).items()}


def unchanged(panel: Panel) -> Panel:
    return panel


def after(*steps: Callable) -> Callable:
    """One after the other, of one panel or of all."""

    def vary(numbers: Panel | Data) -> Panel | Data:
        for step in steps:
            numbers = step(numbers)
        return numbers

    return vary


def only(*names: str) -> Variation:
    """A small preset has some of the panels."""
    return lambda data: {name: data[name] for name in names}


def seeds(n: int) -> Vary:
    """So many seeds; what is kept of the first alone stays."""
    return lambda panel: {k: a if len(a) == 1 else resized(a, n, 0) for k, a in panel.items()}


def resized(array: np.ndarray, n: int, axis: int) -> np.ndarray:
    """The first n entries along an axis, over and over if there are fewer."""
    return np.take(array, np.arange(n) % array.shape[axis], axis)


def along(key: str, n: int, *axes: int, of: int = 1) -> Vary:
    """So many entries along axes, in arrays that have as many there as ``key`` has along ``of``."""

    def vary(panel: Panel) -> Panel:
        size = panel[key].shape[of]

        def other(array: np.ndarray) -> np.ndarray:
            for axis in axes or (of,):
                if array.ndim > axis and array.shape[axis] == size:
                    array = resized(array, n, axis)
            return array

        return {name: other(array) for name, array in panel.items()} | {
            key: resized(panel[key], n, of)
        }

    return vary


def named(key: str, names: Sequence[str], *axes: int) -> Vary:
    """As many estimators or methods, of these names."""

    def vary(panel: Panel) -> Panel:
        panel = along(key, len(names), *axes)(panel)
        return panel | {key: np.tile(names, (len(panel[key]), 1))}

    return vary


def values(**arrays: object) -> Vary:
    """Other values, of one seed or all, in the places of those there are."""
    return lambda panel: (
        panel | {name: np.broadcast_to(value, panel[name].shape) for name, value in arrays.items()}
    )


def scaled(factor: float, *names: str) -> Vary:
    """Arrays, by parts of their names, so many times as large."""

    def vary(panel: Panel) -> Panel:
        return {
            key: factor * a if any(name in key for name in names) else a for key, a in panel.items()
        }

    return vary


def entries(key: str, value: object, *axes: int) -> Vary:
    """So many entries as `along` gives, and their values."""

    def vary(panel: Panel) -> Panel:
        array = np.asarray(value)
        panel = along(key, len(array), *axes)(panel)
        return panel | {key: np.broadcast_to(array, (len(panel[key]), *array.shape))}

    return vary
