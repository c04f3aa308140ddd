"""Training in chunks: progress, checkpoints that survive a kill, and an early stop at NaN.

After a kill, training resumes at the last checkpoint and ends with the same bits as a training
without interruption.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from experiments.engine.checkpoint import load_checkpoint, save_checkpoint
from experiments.engine.errors import UserError
from experiments.engine.experiment import stacked
from experiments.engine.jax_setup import FOR_LONG
from experiments.engine.progress import bar

State = TypeVar("State")
Metrics = dict[str, np.ndarray]
EXPLODED = 100.0
"""Multiple of a watched metric's first value above which training counts as diverged."""

LONG = 100
"""Fewest updates for which `jit_for_long` saves more time than it takes to compile."""

Step = Callable[[State, jax.Array], tuple[State, dict[str, jax.Array]]]


def jit_for_long(function: Callable, static_argnames: str = "") -> jax.stages.Wrapped:
    """Compile a function for thousands of calls or loop steps, as a training needs."""
    names = static_argnames.split()
    return jax.jit(function, static_argnames=names, compiler_options=FOR_LONG)


def train(
    step: Step,
    state: State,
    n_epochs: int,
    *,
    chunk: int,
    observe: Callable[[State], dict[str, jax.Array]],
    watch: str,
    settings: str,
) -> tuple[State, Metrics, Metrics]:
    """Train for a number of epochs.

    Args:
        step: one epoch, ``(state, epoch) -> (state, metrics)``; traced into a scan over a chunk.
            Epochs count from 0, and all randomness must follow from state and epoch.
        state: a pytree of arrays.
        n_epochs: epochs to train in all.
        chunk: epochs between checkpoints and observations.
        observe: what to keep of the state before the first epoch and after each chunk.
        watch: the metric that progress shows, and that must stay finite.
        settings: text for the message if the metric is not finite, such as the learning rates.

    Returns:
        The final state; metrics with a leading axis of epochs; observations with a leading axis of
        chunks, the first from before training.

    Raises:
        UserError: if the watched metric has exploded, or if state or metric are not finite; the
            message names the epoch.
    """

    @jit_for_long
    def advance(state: State, epochs: jax.Array) -> tuple[State, dict[str, jax.Array]]:
        return jax.lax.scan(step, state, epochs)

    observe = jax.jit(observe)
    done, state, metrics, observations = _resume(state, n_epochs)
    if done == 0:
        observations = [_fetch(observe(state))]
    with bar(total=n_epochs, initial=done, unit="epoch") as progress:
        while done < n_epochs:
            epochs = jnp.arange(done, min(done + chunk, n_epochs))
            state, new = advance(state, epochs)
            new = _fetch(new)
            metrics.append(new)
            _stop_if_diverged(metrics, state, done, watch, settings)
            observations.append(_fetch(observe(state)))
            done += epochs.size
            progress.update(epochs.size)
            progress.set_postfix({watch: f"{np.median(new[watch][-1]):.4g}"})
            _save(done, state, metrics, observations)
    return state, _joined(metrics), stacked(observations)


def train_epochs(
    run_epoch: Callable[[State, int], tuple[State, dict[str, Any]]], state: State, n_epochs: int
) -> tuple[State, Metrics]:
    """Train by epochs that are too long or too varied for a compiled loop.

    Args:
        run_epoch: one epoch, ``(state, epoch) -> (state, metrics)``. Epochs count from 0, and all
            randomness must follow from state and epoch. The function itself shows progress and
            checks that numbers are finite.
        state: a pytree of arrays.
        n_epochs: epochs to train in all.

    Returns:
        The final state, and metrics with a leading axis of epochs.
    """
    done, state, metrics, _ = _resume(state, n_epochs)
    for epoch in range(done, n_epochs):
        state, new = run_epoch(state, epoch)
        metrics.append({name: np.asarray(value)[None] for name, value in new.items()})
        _save(epoch + 1, state, metrics, [])
    return state, _joined(metrics)


def _stop_if_diverged(
    metrics: list[Metrics], state: Any, done: int, watch: str, settings: str
) -> None:
    """Raise `UserError` if the newest metric or the state is bad: spikes hide NaN from a loss."""
    values = metrics[-1][watch].reshape(len(metrics[-1][watch]), -1)
    limit = EXPLODED * np.abs(metrics[0][watch][0]).max()
    bad = ~(np.isfinite(values) & (values <= limit)).all(axis=1)
    leaves = [leaf for leaf in jax.tree.leaves(state) if jnp.issubdtype(leaf.dtype, jnp.inexact)]
    if not bad.any() and all(bool(jnp.isfinite(leaf).all()) for leaf in leaves):
        return
    first = int(np.argmax(bad)) if bad.any() else len(values) - 1
    what = f"training diverged in epoch {done + first + 1}"
    got = f"{watch} = {values[first]} with {settings}"
    expected = f"finite weights, and a {watch} below {limit:.4g}"
    raise UserError(what, got, expected, "smaller learning rates")


def _fetch(tree: dict[str, jax.Array]) -> Metrics:
    return {name: np.asarray(value) for name, value in tree.items()}


def _joined(metrics: list[Metrics]) -> Metrics:
    return {name: np.concatenate([part[name] for part in metrics]) for name in metrics[0]}


def _save(done: int, state: Any, metrics: list[Metrics], observations: list[Metrics]) -> None:
    leaves = {f"state/{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(state))}
    parts = {f"metrics/{name}": value for name, value in _joined(metrics).items()}
    observed_arrays = {
        f"observations/{i}/{name}": value
        for i, observed in enumerate(observations)
        for name, value in observed.items()
    }
    save_checkpoint({"done": np.array(done), **leaves, **parts, **observed_arrays})


def _resume(state: State, n_epochs: int) -> tuple[int, State, list[Metrics], list[Metrics]]:
    """Return the last checkpoint, or the initial state if there is none."""
    leaves, treedef = jax.tree.flatten(state)
    arrays = load_checkpoint(n_epochs)
    if not arrays:
        return 0, state, [], []
    loaded = [jnp.asarray(arrays[f"state/{i}"]) for i in range(len(leaves))]
    observations: dict[int, Metrics] = {}
    for name, value in _part(arrays, "observations").items():
        index, _, key = name.partition("/")
        observations.setdefault(int(index), {})[key] = value
    in_order = [observations[i] for i in sorted(observations)]
    metrics = _part(arrays, "metrics")
    return int(arrays["done"]), jax.tree.unflatten(treedef, loaded), [metrics], in_order


def _part(arrays: Metrics, kind: str) -> Metrics:
    """Return the arrays of one kind from a checkpoint, without the kind in the name."""
    start = f"{kind}/"
    return {name.removeprefix(start): arrays[name] for name in arrays if name.startswith(start)}
