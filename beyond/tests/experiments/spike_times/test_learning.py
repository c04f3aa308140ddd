"""Derivatives of the network that is trained, and what its training reports."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.spike_times.first_spikes import FIRST
from beyond.experiments.spike_times.learning import Learning
from beyond.experiments.spike_times.learning_tasks import ACTIVE, SILENT, Task, draw
from beyond.experiments.spike_times.stepped import arrivals, run
from beyond.experiments.spike_times.training import ARMS, objective, trials
from beyond.experiments.study import choose

jax.config.update("jax_enable_x64", True)

KEY = jax.random.key(7)
# Without jit, each operation of a draw would be compiled on its own.
compiled_draw = jax.jit(draw, static_argnums=(0, 2))
N_CHANNELS, N_HIDDEN = 6, 4


def small():
    """Return weights and input times of a small network with many spikes."""
    rng = np.random.default_rng(0)
    hidden = jnp.array(rng.normal(2.5, 2, (N_HIDDEN, N_CHANNELS)))
    output = jnp.array(rng.normal(3, 2, (2, N_HIDDEN)))
    return {"hidden": hidden, "output": output}, rng.uniform(0, 12, (N_CHANNELS, 2))


def flat(tree):
    return np.concatenate([np.ravel(tree[name]) for name in ("hidden", "output")])


def test_with_noise_moving_times_are_finite_differences():
    params, times = small()
    task = Task(params, arrivals(jnp.array(times), 0.25, 80), jnp.zeros((80, 2)))
    settings = ARMS["pathwise"].settings(5.0, 0.25)

    @jax.jit
    def loss(p):
        return objective(p, settings, task, KEY, 2)

    rng = np.random.default_rng(1)
    direction = {name: jnp.array(rng.normal(size=w.shape)) for name, w in params.items()}
    ahead, behind = (
        loss({name: params[name] + step * direction[name] for name in params})
        for step in (1e-6, -1e-6)
    )
    grad = flat(jax.jit(jax.grad(loss))(params))
    assert grad @ flat(direction) == pytest.approx(float(ahead - behind) / 2e-6, rel=1e-4)
    matched = ARMS["matched"].settings(5.0, 0.25)
    other = jax.jit(jax.grad(lambda p: objective(p, matched, task, KEY, 2)))(params)
    assert flat(other) @ flat(direction) != pytest.approx(float(ahead - behind) / 2e-6, rel=0.05)


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


def test_a_silent_network_teaches_event_based_updates_nothing():
    task = compiled_draw(SILENT, jax.random.key(1), 0.5)
    for arm in ("event_based", "broad"):
        settings = ARMS[arm].settings(10.0, 0.5)
        grad = jax.jit(jax.grad(lambda p, s=settings: objective(p, s, task, KEY, 4)))(task.params)
        assert np.any(flat(grad) != 0) == (arm == "broad")
    pathwise = ARMS["pathwise"].settings(10.0, 0.5)
    noisy = jax.jit(lambda p: trials(pathwise, p, task, KEY, 4)[0])(task.params)
    assert np.all(np.isfinite(noisy))


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


def test_losses_with_and_without_noise_are_outcomes_of_their_own():
    """Without noise, arms end in the reverse order."""
    arms, n, rng = ["event_based", "broad"], 8, np.random.default_rng(0)
    data = {"methods": np.array([arms] * n), "rates": np.array([[0.01, 0.1, 1.0]] * n)}
    for prefix, values in (("", [0.1, 0.3]), ("quiet_", [0.3, 0.1])):
        scatter = np.exp(0.1 * rng.normal(size=(n, 2, 1)))
        # The middle rate is the best one.
        ends = np.array(values)[None, :, None] * scatter * np.array([2.0, 1.0, 2.0])
        data[f"{prefix}loss"] = np.stack([np.ones_like(ends), ends], axis=-1)
        data[f"{prefix}tuning"] = np.log(np.moveaxis(ends, 0, -1))[None].repeat(n, axis=0)
    data["right"] = 1 - data["loss"] / 4
    pooled = Learning(task=FIRST, arms=arms, seeds=[*range(n)]).pooled(data)
    assert pooled["log_ratio"][0, 1, 0] == pytest.approx(np.log(1 / 3), abs=0.2)
    quiet = choose(Learning.outcomes(data, "quiet")).difference(0, 1)
    assert quiet[0] == pytest.approx(np.log(3), abs=0.2)
    assert pooled["chosen_rate"].tolist() == [0.1, 0.1] and not pooled["at_end"].any()


def test_both_tasks_train_end_to_end():
    """Two arms learn in a few updates, and the arrays are those that are declared."""
    for task in (ACTIVE, FIRST):
        seeds = [0, 1]
        experiment = Learning(
            task=task,
            arms=["event_based", "broad"],
            rates=[0.03],
            n_updates=10,
            n_points=1,
            n_trials=2,
            seeds=seeds,
            tuning_seeds=[2],
        )
        rows = experiment.compute_many(seeds)
        data = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        data |= experiment.pooled(data)
        assert set(data) <= Learning.ARRAYS.keys()
        assert ("right" in data) == ("quiet_tuning" in data) == (task == FIRST)
        assert data["loss"].shape == (2, 2, 1, 2)
        assert np.all(data["loss"][:, 1, 0, 1] < data["loss"][:, 1, 0, 0])
        assert data["runs"][0].tolist() == ([16, 32] if task == FIRST else [1, 2])
