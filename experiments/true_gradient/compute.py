"""Averages surrogate gradients and unbiased stochastic AD over trials."""

from itertools import product

import jax
import numpy as np

import snn
from experiments.engine.progress import track
from experiments.gradient_comparison import compare, relative_variance
from experiments.lif_task import lif_task
from experiments.trial_batches import layer_batches
from experiments.true_gradient import N_BATCHES, PARTS, TrueGradient
from snn.estimators.base import Estimator
from snn.flips import Systematic

PER_RUN = 16
"""Trials of stochastic AD at once: their replays fit into the processor's cache."""


def compute(config: TrueGradient, seed: int) -> dict[str, np.ndarray]:
    """One network at every cell of the axis.

    Args:
        config: the axis, the surrogates and the numbers of trials.
        seed: decides network, inputs, target and noise.

    Returns:
        ``cosine`` and ``ratio`` (norm of a surrogate gradient over that of the true one), with
        ``cosine_se`` and ``ratio_se``, and ``variance``, of one trial relative to the squared norm
        of its mean, all ``(cell, surrogate, part)`` where parts are all weights, those of the
        hidden and those of the output layer; ``true_variance``, of stochastic AD, ``(cell, part)``.
        ``cells``: beta, steps and recurrence of each cell. ``surrogates``: their names.
    """
    sizes = (config.n_inputs, config.n_hidden, config.n_outputs)
    cells = list(product(config.betas, config.steps, config.recurrences))
    columns: dict[str, list] = {}
    for beta, steps, recurrence in track(cells, "cells"):
        key, true_key, other_key = jax.random.split(jax.random.key(seed), 3)
        problem = lif_task(key, sizes, steps, beta, recurrence)
        unbiased = snn.StochasticAD(n_flips=config.n_flips, draw=Systematic(), batch_size=PER_RUN)
        size = config.n_trials // N_BATCHES
        true = parts(layer_batches(unbiased, *problem, true_key, N_BATCHES, config.n_trials))
        found: dict[str, list] = {"true_variance": [relative_variance(t, size) for t in true]}
        for name in config.surrogates:
            size = config.n_surrogate_trials // N_BATCHES
            biased = parts(
                layer_batches(
                    surrogate(name, beta),
                    *problem,
                    other_key,
                    N_BATCHES,
                    config.n_surrogate_trials,
                )
            )
            for part, (g, t) in enumerate(zip(biased, true, strict=True)):
                numbers = compare(g, t)._asdict() | {"variance": relative_variance(g, size)}
                for number, value in numbers.items():
                    rows = found.setdefault(number, [[] for _ in PARTS])
                    rows[part].append(value)
        for number, values in found.items():
            columns.setdefault(number, []).append(np.array(values).T)
    named = {"cells": np.array(cells), "surrogates": np.array(config.surrogates)}
    return named | {name: np.stack(values) for name, values in columns.items()}


def surrogate(name: str, beta: float) -> Estimator:
    """The surrogate gradient of a name."""
    reset, _, slope = name.partition("_")
    if name == "super_spike":
        return snn.Surrogate(snn.surrogate.SuperSpike(10.0))
    factor = {"": 1.0, "quarter": 0.25, "half": 0.5, "double": 2.0, "fourfold": 4.0}[slope]
    # The slope of another escape noise: of another width, and of integral 1 like the matched one.
    shape = snn.surrogate.Sigmoid(beta * factor)
    return snn.Surrogate(shape, reset=getattr(snn, reset))


def parts(layers: list[np.ndarray]) -> list[np.ndarray]:
    """All weights, those of the hidden and those of the output layer."""
    return [np.concatenate(layers, axis=1), *layers]
