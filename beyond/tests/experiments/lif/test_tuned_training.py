"""Training with equal runs: budgets are kept, and the learning rate is chosen by tuning tasks."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.lif import descent, rate_grids, tuned_training
from beyond.experiments.lif.descent import Descended
from beyond.experiments.lif.lif_task import lif_task
from beyond.experiments.lif.tuned_training import TunedTraining
from beyond.experiments.methods import LIF, TRAINED
from experiments.engine.checkpoint import checkpointed
from experiments.engine.errors import UserError

SMALL = {"n_inputs": 3, "n_hidden": 2, "n_outputs": 2, "steps": 10, "n_test": 64}


@pytest.mark.parametrize("name", TRAINED)
def test_an_update_costs_its_budget(name):
    estimator, n_trials = LIF[name](8, 10.0)
    problem = lif_task(jax.random.key(0), (3, 2, 2), 10)
    noise = snn.draw_noise(*problem, jax.random.key(1), n_trials)
    # The gradient is not compiled.
    count = jax.jit(lambda key: estimator(*problem, noise, key).n_evaluations)
    budgets = {"_one": 1, "_more": 4 * 8}
    cost = next((n for end, n in budgets.items() if name.endswith(end)), 8)
    assert n_trials * count(jax.random.key(2)) == cost


def test_the_learning_rate_is_chosen_by_the_tuning_tasks():
    """A rate of almost 0 learns nothing and is not chosen."""
    config = TunedTraining(
        methods=["surrogate_through"],
        rates=[1e-9, 0.05],
        tuning_seeds=[2, 3, 5],
        n_updates=60,
        budget=8,
        chunk=6,
        seeds=[1, 7],
        **(SMALL | {"n_inputs": 10, "steps": 40}),
    )
    parts = config.compute_many([7, 1])
    for part in parts:
        (loss,), log_loss = part["loss"], part["log_loss"]
        assert np.isnan(log_loss[0, 0])
        assert log_loss[0, 1] == pytest.approx(np.log(loss[-1] / loss[0]), rel=1e-5)
        assert part["tuning"].shape == (1, 2, 2) and part["tuning"][0, 1].max() < np.log(0.95)
        assert list(part["tuned_on"]) == [2, 5]
        # Nothing has been learned with the other: the test noise is the same at all times.
        np.testing.assert_allclose(part["tuning"][0, 0], 0, atol=1e-3)
    pooled = config.pooled({name: np.stack([x[name] for x in parts]) for name in parts[0]})
    assert pooled["chosen_rate"].tolist() == [0.05] and pooled["at_end"].all()
    # Other tasks judged with them, or not, change nothing.
    (alone,) = config.compute_many([1])
    for name, values in alone.items():
        np.testing.assert_array_equal(values, parts[1][name], strict=True)


class ToyTasks(NamedTuple):
    """Tasks that are their seeds; those from 1 000 on are silent."""

    seeds: np.ndarray

    def subset(self, indices):
        return ToyTasks(self.seeds[indices])


def toy(monkeypatch, best):
    """Descent that ends the lower, the closer the rate is to the best one."""

    def descend(config, method, rate, tasks, label):
        end = 0.1 + 0.1 * abs(np.log(rate / best))
        loss = np.full((len(tasks.seeds), 11), [1.0, *[end] * 10])
        # A silent task would choose the highest rate.
        loss[tasks.seeds >= 1000, 1:] = 1e-9 / rate
        ones = np.ones((len(tasks.seeds), 11, 2))
        return Descended(loss, loss, ones, ones)

    def before(config, tasks):
        spikes = np.where(tasks.seeds[:, None, None] >= 1000, 0.9, 1.0)
        return Descended(*[spikes] * len(Descended._fields))

    monkeypatch.setattr(rate_grids, "tasks_of", lambda config, seeds: ToyTasks(np.array(seeds)))
    monkeypatch.setattr(rate_grids, "descend", descend)
    monkeypatch.setattr(tuned_training, "before", before)


def chosen_rate(config):
    (part,) = config.compute_many([0])
    return config.pooled({name: values[None] for name, values in part.items()})["chosen_rate"]


def test_a_silent_task_has_no_say_in_the_learning_rate(monkeypatch):
    toy(monkeypatch, 0.03)
    config = TunedTraining(
        methods=["surrogate"], tuning_seeds=[1000, 7, 1001], rates=[0.03, 0.1], seeds=[0]
    )
    assert chosen_rate(config) == 0.03
    assert list(config.compute_many([0])[0]["tuned_on"]) == [7]
    # If it were screened by another rule, it would choose.
    monkeypatch.setattr(tuned_training, "MIN_SPIKES", 0.5)
    assert chosen_rate(config) == 0.1
    monkeypatch.setattr(tuned_training, "MIN_SPIKES", 2.0)
    with pytest.raises(UserError, match="is silent before training") as caught:
        config.compute_many([0])
    assert caught.value.fix == "all.tuning_seeds=[1000,1001,1002,1003,1004,1005,1006,1007]"


@pytest.mark.parametrize(("n", "last"), [(5, 1), (19, 1), (40, 4), (61, 6)])
def test_a_final_loss_is_the_mean_over_the_last_tenth_of_the_observations(n, last):
    loss = np.random.default_rng(0).normal(size=(2, n))
    np.testing.assert_allclose(descent.final(loss), loss[:, n - last :].mean(axis=1))


def test_silent_tasks_are_left_out_and_the_rest_is_paired():
    rng = np.random.default_rng(0)
    scale = np.exp(rng.normal(size=(6, 1)))
    relative = scale * np.array([[0.1, 0.2]]) * np.exp(0.05 * rng.normal(size=(6, 2)))
    relative[5] = [1.0, 0.01]
    loss = np.concatenate([np.full((6, 2, 1), 4.0), 4.0 * relative[..., None]], axis=2)
    spikes = np.array([[5.0, 2.0]] * 5 + [[5.0, 0.5]])
    pooled = TunedTraining(methods=["surrogate", "super_spike"]).pooled(
        {
            "methods": np.array([["surrogate", "super_spike"]] * 6),
            "loss": loss,
            "first_spikes": spikes,
            "rates": np.full((6, 1), 0.1),
            "tuning": np.zeros((6, 2, 1, 16)),
            "log_loss": np.log(relative)[..., None],
        }
    )
    assert list(pooled["silent"]) == [False] * 5 + [True]
    # Tasks differ by more than methods do; pairs do not mind.
    mean, low, high = pooled["paired"][0, 1]
    assert 0.4 < low < mean < high < 0.6
    np.testing.assert_allclose(pooled["paired"][1, 0], 1 / np.array([mean, high, low]))
    assert pooled["frozen"].shape == (6, 2)
    middle = pooled["curve_quartiles"][:, 1]
    np.testing.assert_allclose(middle[:, 1], np.median(relative[:5], axis=0))
    np.testing.assert_allclose(middle[:, 0], 1)


def test_a_kill_costs_no_training_that_is_complete(tmp_path, monkeypatch):
    config = TunedTraining(n_updates=4, chunk=2, budget=8, seeds=[0], **SMALL)
    tasks = descent.tasks_of(config, [0, 1, 2, 3, 4])
    advanced, killed = [], [True]

    def advance(estimator, group, state, root, span, n_trials):
        if len(advanced) == 3 and killed:
            raise KeyboardInterrupt
        advanced.append(group.seeds)
        params = jax.tree.map(lambda w: 0.9 * w, state.params)
        return state._replace(params=params)

    def observe(group, params, noise):
        weights = jnp.stack([jnp.full(3, w) for w in params[0]["w"][:, 0, 0]])
        return {"loss": weights[:, 0]} | dict.fromkeys(Descended._fields[1:], weights)

    monkeypatch.setattr(descent, "_advance", advance)
    monkeypatch.setattr(descent, "_observe", observe)
    arguments = config, LIF["surrogate"], 0.1, tasks, "surrogate"
    with pytest.raises(KeyboardInterrupt), checkpointed(tmp_path, "key"):
        descent.descend(*arguments)
    killed.clear()
    with checkpointed(tmp_path, "key"):
        loss, _, weights, *_ = descent.descend(*arguments)
    # Two groups of two chunks each: of the second group alone, one chunk was left.
    assert len(advanced) == 4
    np.testing.assert_allclose(loss, loss[:, :1] * [[1.0, 0.9, 0.81]], rtol=1e-5)
    assert loss.shape == (5, 3) and weights.shape == (5, 3, 3)
    assert not list((tmp_path / "checkpoints").iterdir())
