"""The first-spike task: its times, its derivatives, and what a silent output costs."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.spike_times import first_spikes
from beyond.experiments.spike_times.first_spikes import (
    N_CLASSES,
    TAU,
    Sample,
    draw,
    first_times,
)
from beyond.experiments.spike_times.learning_tasks import DURATION
from beyond.experiments.spike_times.stepped import Backward, Spikes, run
from beyond.experiments.spike_times.training import ARMS, trials

jax.config.update("jax_enable_x64", True)

KEY = jax.random.key(5)
# Without jit, each operation of a draw would be compiled on its own.
compiled_draw = jax.jit(draw, static_argnums=1)


def spikes(fired):
    """Return spikes of one neuron in steps of 1 ms, each in the middle of its step."""
    fired = jnp.array(fired, float)[:, None]
    return Spikes(fired, jnp.where(fired > 0, 0.5, 1.0), 0 * fired)


def test_a_silent_neuron_has_the_time_of_the_end():
    assert first_times(spikes([0, 0, 0, 0]))[0] == 4
    assert first_times(spikes([0, 0, 0, 1]))[0] == 3.5
    assert first_times(spikes([0, 1, 0, 1]))[0] == 1.5


def test_the_derivative_by_a_spike_is_the_effect_of_removing_or_inserting_it():
    """Up to the length of a step: an inserted spike has the end of its step."""

    def time(fired):
        return first_times(spikes([0, 1, 0, 1])._replace(fired=fired))[0]

    slope = jax.grad(time)(jnp.array([0.0, 1.0, 0.0, 1.0])[:, None])[:, 0]
    inserted, removed = 1.0 - 1.5, 3.5 - 1.5
    assert slope[0] == pytest.approx(inserted)
    assert -slope[1] == pytest.approx(removed - 0.5)
    assert slope[3] == 0


@pytest.mark.parametrize("arm", ["event_based", "pathwise"])
def test_moving_times_are_finite_differences(arm):
    task, settings = compiled_draw(KEY, 1.0), ARMS[arm].settings(3.0, 1.0)
    one = jax.tree.map(lambda x: x[1], task.train)

    @partial(jax.jit, static_argnames="used")
    def loss(params, sample=one, used=settings):
        return jnp.mean(trials(used, params, sample, KEY, 4)[0])

    # Compiled once for both classes.
    slope = jax.jit(jax.grad(loss), static_argnames="used")

    rng = np.random.default_rng(1)
    direction = jax.tree.map(lambda w: jnp.array(rng.normal(size=w.shape)), task.params)

    def along(grad):
        return sum(jnp.sum(grad[name] * direction[name]) for name in direction)

    def at(step):
        return float(loss(jax.tree.map(lambda w, d: w + step * d, task.params, direction)))

    difference = (at(1e-6) - at(-1e-6)) / 2e-6
    assert abs(difference) > 1e-3
    assert along(slope(task.params, one)) == pytest.approx(difference, rel=1e-4)
    # Another class is another loss, and a surrogate is no derivative of times.
    wrong = one._replace(label=(one.label + 1) % N_CLASSES)
    assert along(slope(task.params, wrong)) != pytest.approx(difference, rel=0.05)
    surrogate = ARMS["matched"].settings(3.0, 1.0)
    if arm == "pathwise":
        other = along(slope(task.params, one, used=surrogate))
        assert other != pytest.approx(difference, rel=0.05)


def mean_derivatives(n=800):
    """Return means of pathwise and score-function estimates, each with its standard error.

    Some outputs of the network are silent.
    """
    task = compiled_draw(jax.random.key(3), 1.0)
    one = jax.tree.map(lambda x: x[0], task.train)

    def estimate(weights, arm, key):
        settings = ARMS[arm].settings(5.0, 1.0)
        params = task.params | {"output": weights / 4}
        loss, density, *_ = trials(settings, params, one, key, 8)
        if settings.backward is not Backward.SCORE:
            return jnp.mean(loss)
        others = (loss.sum() - loss) / 7
        return jnp.mean(jax.lax.stop_gradient(loss - others) * density)

    @jax.jit
    def estimates(keys):
        slope = jax.vmap(jax.grad(estimate), in_axes=(None, None, 0))
        weights = task.params["output"]
        both = [slope(weights, arm, keys) for arm in ("pathwise", "unbiased")]
        return jnp.stack(both)[:, :, one.label].sum(axis=-1)

    each = np.asarray(estimates(jax.random.split(KEY, n)))
    return zip(each.mean(axis=1), each.std(axis=1) / n**0.5, strict=True)


def test_pathwise_and_score_function_have_one_mean_without_a_boundary_term(monkeypatch):
    """If a silent output cost more than a spike at the end, the boundary term would be missing."""
    (path, path_se), (score, score_se) = mean_derivatives()
    assert abs(path - score) < 5 * np.hypot(path_se, score_se)
    assert abs(path) > 10 * path_se

    def late(spikes):
        return first_times(spikes) + 4 * jnp.prod(1 - spikes.fired, axis=0)

    monkeypatch.setattr(first_spikes, "first_times", late)
    (path, path_se), (score, score_se) = mean_derivatives()
    assert abs(path - score) > 10 * np.hypot(path_se, score_se)


def test_the_loss_is_a_cross_entropy_of_times():
    task = compiled_draw(KEY, 1.0)
    one = jax.tree.map(lambda x: x[0], task.train)
    settings = ARMS["pathwise"].settings(10.0, 1.0)
    noise = jax.random.exponential(KEY, (33, 16))
    result = run(settings, task.params, one.inputs, noise)
    first = np.asarray(first_times(result.outputs))
    assert first.max() <= DURATION
    weights = np.exp(-first / TAU) / np.exp(-first / TAU).sum()
    for label in range(N_CLASSES):
        sample = Sample(one.inputs, jnp.array(label))
        assert sample.loss(result, 1.0) == pytest.approx(-np.log(weights[label]))
        assert sample.right(result) == (first[label] < np.delete(first, label).min())
