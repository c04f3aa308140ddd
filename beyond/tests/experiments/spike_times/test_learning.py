"""Derivatives of the network that is trained."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.spike_times.learning_tasks import ACTIVE, Task, draw
from beyond.experiments.spike_times.stepped import arrivals, run
from beyond.experiments.spike_times.training import ARMS, objective

jax.config.update("jax_enable_x64", True)

KEY = jax.random.key(7)
# Without jit, each operation of a draw would be compiled on its own.
compiled_draw = jax.jit(draw, static_argnums=(0, 2))


def flat(tree):
    return np.concatenate([np.ravel(tree[name]) for name in ("hidden", "output")])


def test_with_noise_moving_times_are_finite_differences():
    rng = np.random.default_rng(0)
    hidden, output = rng.normal(2.5, 2, (4, 6)), rng.normal(3, 2, (2, 4))
    params = {"hidden": jnp.array(hidden), "output": jnp.array(output)}
    times = jnp.array(rng.uniform(0, 12, (6, 2)))
    task = Task(params, arrivals(times, 0.25, 80), jnp.zeros((80, 2)))

    def along(arm):
        """Return the loss, and its derivative along a direction by an arm."""

        @jax.jit
        def loss(p):
            return objective(p, ARMS[arm].settings(5.0, 0.25), task, KEY, 2)

        return loss, flat(jax.jit(jax.grad(loss))(params)) @ flat(direction)

    rng = np.random.default_rng(1)
    direction = {name: jnp.array(rng.normal(size=w.shape)) for name, w in params.items()}
    loss, pathwise = along("pathwise")
    ahead, behind = (
        float(loss({name: params[name] + step * direction[name] for name in params}))
        for step in (1e-6, -1e-6)
    )
    assert pathwise == pytest.approx((ahead - behind) / 2e-6, rel=1e-4)
    assert along("matched")[1] != pytest.approx((ahead - behind) / 2e-6, rel=0.05)


def errors_in_high_noise(arms, dt, n):
    """Return arms' distances from finite differences of the expected loss, in standard errors.

    The derivative is with respect to all output weights together; four trials an estimate.
    """
    task, step = compiled_draw(ACTIVE, jax.random.key(3), dt), 0.05

    def at(weights, arm, key):
        params = task.params | {"output": weights}
        return objective(params, ARMS[arm].settings(2.0, dt), task, key, 4)

    @jax.jit
    def estimates(keys):
        def each(key):
            weights = task.params["output"]
            ahead, behind = (at(weights + x, "pathwise", key) for x in (step, -step))
            slopes = [jax.grad(at)(weights, arm, key).sum() for arm in arms]
            return jnp.stack([(ahead - behind) / (2 * step), *slopes])

        return jax.lax.map(each, keys, batch_size=100)

    values = np.asarray(estimates(jax.random.split(KEY, n)))
    (true, *means), (true_se, *errors) = values.mean(axis=0), values.std(axis=0) / n**0.5
    z_scores = (np.array(means) - true) / np.hypot(errors, true_se)
    return dict(zip(arms, z_scores, strict=True))


def test_pathwise_and_score_function_have_the_mean_of_finite_differences():
    """Surrogates have another mean, and so has the pathwise gradient in long steps.

    A neuron spikes at most once a step. In steps of 1 ms and high noise it would spike more often:
    the pathwise gradient misses the jumps of the spikes that come a step later.
    """
    short = errors_in_high_noise(("pathwise", "unbiased", "matched"), 0.25, 300)
    assert abs(short["pathwise"]) < 5 and abs(short["unbiased"]) < 5
    assert abs(short["matched"]) > 10
    long = errors_in_high_noise(("pathwise", "unbiased"), 1.0, 1000)
    assert abs(long["unbiased"]) < 5
    assert long["pathwise"] < -10


@pytest.mark.parametrize("arm", ["pathwise", "matched", "unbiased"])
def test_an_intensity_that_overflows_gives_a_spike_in_each_step_and_no_nan(arm):
    """Potentials of ten thousand thresholds; the exponent is capped, and its slope is 0 there."""
    task, settings = compiled_draw(ACTIVE, jax.random.key(1), 0.5), ARMS[arm].settings(100.0, 0.5)
    huge = jax.tree.map(lambda w: 1e4 * jnp.abs(w), task.params)
    noise = jax.random.exponential(KEY, (len(task.target) + 1, 15))
    result = run(settings, huge, task.inputs, noise)
    driven = int(jnp.argmax(jnp.sum(task.inputs[1], axis=1) > 0)) + 1
    outputs = np.asarray(result.outputs.fired)
    assert np.all(outputs[driven + 2 :] == 1)
    assert np.all(np.isfinite(result.trace)) and np.isfinite(result.log_density)
    grad = jax.jit(jax.grad(lambda p: objective(p, settings, task, KEY, 2)))(huge)
    assert np.all(np.isfinite(flat(grad)))
