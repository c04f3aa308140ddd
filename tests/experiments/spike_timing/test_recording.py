"""What figure 6 keeps and says of a training, by hand: medians, intervals, rates and units."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.spike_timing import spike_matching, task
from experiments.spike_timing.recording import LAST, curves, observed
from experiments.spike_timing.spike_matching import SpikeMatching
from experiments.spike_timing.task import Setup


def test_curves_are_running_medians_of_ten_epochs_around_every_fifth():
    loss = np.random.default_rng(0).exponential(size=(230, 2))
    epoch, data = curves({"loss": loss})
    np.testing.assert_array_equal(epoch, np.arange(1, 230, 5))
    padded = np.concatenate([[loss[0]] * 5, loss, [loss[-1]] * 4])
    expected = [np.median(padded[i : i + 10], axis=0) for i in range(0, 230, 5)]
    np.testing.assert_allclose(data["loss"], np.transpose(expected), rtol=1e-3)
    # Inside, five epochs before and four after.
    np.testing.assert_allclose(data["loss"][0, 4], np.median(loss[15:25, 0]), rtol=1e-3)
    np.testing.assert_array_equal(data["first_loss"], loss[0])
    assert LAST == 100
    np.testing.assert_array_equal(data["last_loss"], np.median(loss[130:], axis=0))


def test_intervals_rates_and_rasters_after_training():
    before, after = np.zeros((2, 40, 3), bool)
    before[[0, 5, 20], 1] = True  # 5 and 15 steps
    after[[0, 4, 10], 0] = True  # 4 and 6 steps
    after[[1, 3], 2] = True
    recorded = {
        "hidden": np.stack([before, after]),
        "output": np.stack([before, ~before]),
        "rates_hidden": np.array([[0.0, 0.0, 0.0], [30.0, 0.0, 20.0]]),
        "rates_output": np.array([[1.0] * 3, [500.0] * 3]),
        "other_l2": np.array([9.0, 4.0]),
    }
    shared = {"observed_epoch": np.array([0, 25])}
    actual = observed(recorded, shared, SpikeMatching(dt=2e-3, seeds=[0]))
    # In ms.
    isi = actual["isi_hidden"]
    np.testing.assert_allclose(isi[np.isfinite(isi)], [8, 12, 4])
    cv = actual["cv_hidden"]
    np.testing.assert_allclose(cv[np.isfinite(cv)], [0.2], rtol=1e-3)
    isi, cv = actual["isi_hidden_before"], actual["cv_hidden_before"]
    np.testing.assert_allclose(isi[np.isfinite(isi)], [10, 30])
    np.testing.assert_allclose(cv[np.isfinite(cv)], [0.5], rtol=1e-3)
    np.testing.assert_array_equal(actual["rates_hidden_before"], 0)
    np.testing.assert_array_equal(actual["rates_hidden"], [30, 0, 20])
    np.testing.assert_array_equal(actual["rates_output"], 500)
    np.testing.assert_array_equal(actual["hidden_before"], before)
    np.testing.assert_array_equal(actual["hidden_after"], after)
    np.testing.assert_array_equal(actual["frame_epoch"], [0, 25])
    np.testing.assert_array_equal(actual["frames"], recorded["output"])
    np.testing.assert_array_equal(actual["other_l2"], [9, 4])


def config(**changes):
    """A small network, whose weights stay to the last bit unless they are to learn."""
    settings = {
        "n_inputs": 30,
        "n_hidden": 20,
        "n_outputs": 10,
        "n_steps": 40,
        "n_trials": 4,
        "n_epochs": 6,
        "chunk": 2,
        "dt": 2e-3,
        "learning_rates": [1e-30, 1e-30],
        "sigma_w": 0.8,
        "seeds": [0, 1],
    }
    return SpikeMatching(**(settings | changes))


def test_measures_are_of_the_last_trial_and_of_the_layers_that_they_name():
    one = config()
    target = jnp.zeros((40, 10))
    setup = Setup(one, target)
    rng = np.random.default_rng(0)
    hidden, output = (
        jnp.array(rng.random((4, 40, n)) < p, float) for n, p in ((20, 0.1), (10, 0.4))
    )

    @jax.jit
    def measured(*layers):
        return setup.measures(SimpleNamespace(trace=[SimpleNamespace(s=s) for s in layers]))

    actual = measured(hidden, output)
    # Half the number of spikes of the last trial, per output.
    assert actual["l2"] == pytest.approx(0.5 * float(output[-1].sum()) / 10)
    assert actual["van_rossum"] == pytest.approx(float(setup.distance(output[-1])))
    for name, spikes in (("hidden", hidden), ("output", output)):
        assert actual[f"rate_{name}"] == pytest.approx(float(spikes.mean()) / 2e-3)
        counts = np.asarray(spikes).sum(axis=1)
        fano = (counts.var(axis=0) / counts.mean(axis=0)).mean()
        assert actual[f"fano_counts_{name}"] == pytest.approx(fano)
    assert actual["fano_hidden"] > actual["fano_output"] + 0.1


def test_few_training_trials_are_tested_with_ten():
    """Fano factors compare trials."""
    one = config(n_trials=2)
    setup = Setup(one, jnp.zeros((one.n_steps, one.n_outputs)))
    task = setup.task(0)
    runs = jax.eval_shape(lambda params: setup.test(task, params, snn.sample), task.params)
    assert runs.loss.shape == (10,)


def test_layers_have_the_slopes_that_are_named_for_them():
    built = Setup(config(beta_hidden=7.0, beta_output=70.0), jnp.zeros((40, 10))).network
    assert [escape.beta for escape in built.escapes] == [7.0, 70.0]
    assert (built.neuron.tau_mem, built.neuron.tau_syn, built.neuron.dt) == (10e-3, 5e-3, 2e-3)


def test_no_key_is_used_twice(monkeypatch):
    """To be drawn from, or to be split: inputs, weights, trials to train with and to test with."""
    used, split = [], jax.random.split

    def note(key):
        used.append(tuple(np.ravel(jax.random.key_data(key))))

    def noted(draw):
        return lambda key, *rest: [note(key), draw(key, *rest)][1]

    monkeypatch.setattr(jax.random, "split", noted(split))
    monkeypatch.setattr(task, "draw_numbers", lambda draw, key, shape: noted(draw)(key, shape))
    setup = Setup(config(), jnp.zeros((40, 10)))
    one = setup.task(0)
    setup.test(one, one.params, setup.forward)
    # From these follows the noise of an epoch.
    note(one.key)
    assert len(used) == len(set(used)) == 2 + 3 + 1 + 1


@pytest.fixture(scope="module")
def trained():
    """Metrics ``(epoch, seed)`` and observations of a network that does not change."""
    kept = {}

    def curves(metrics):
        kept["metrics"] = metrics
        return np.arange(6), {}

    def train(*arguments, **settings):
        actual = real(*arguments, **settings)
        kept["seen"] = actual[2]
        return actual

    real = spike_matching.train
    with pytest.MonkeyPatch.context() as patch, jax.numpy_rank_promotion("allow"):
        patch.setattr(spike_matching, "curves", curves)
        patch.setattr(spike_matching, "train", train)
        config().compute_many([0, 1])
    return kept["metrics"], kept["seen"]


def test_every_epoch_has_noise_of_its_own_and_every_test_the_same(trained):
    metrics, observed = trained
    assert len(np.unique(metrics["van_rossum"])) == 6 * 2
    for name, values in observed.items():
        assert values.shape[:2] == (4, 2)
        np.testing.assert_array_equal(values, values[:1].repeat(4, axis=0), err_msg=name)


def test_networks_are_tested_under_the_other_spikes_too(trained):
    """Those of trials without noise are all the same; of the own ones they are not."""
    metrics, observed = trained
    assert (observed["other_fano_counts_output"] == 0).all() and (
        observed["other_rate_output"] > 0
    ).all()
    assert (metrics["fano_counts_output"] > 0.05).all()


def test_rates_of_neurons_are_in_hz(trained):
    """Tests and updates have other noise, and the same network."""
    metrics, observed = trained
    for layer in ("hidden", "output"):
        own = observed[f"rates_{layer}"][0].mean(axis=-1)
        np.testing.assert_allclose(own, metrics[f"rate_{layer}"].mean(axis=0), rtol=0.2)


def test_what_training_changes_is_after_over_before():
    def panel(first, last):
        both = {"first": first, "last": last}
        return {f"{t}_{n}": v for t, v in both.items() for _, n in spike_matching.CHANGES}

    panels = {
        "deterministic": panel(np.array([8.0, 2.0]), np.array([2.0, 2.0])),
        "stochastic": panel(np.array([1.0, 1.0]), np.array([0.5, 0.5])),
    }
    actual = SpikeMatching.conclusions(panels)
    # The geometric mean of a quarter and 1.
    assert actual["deterministic.van_rossum_after_over_before"].value == pytest.approx(0.5)
    assert actual["stochastic.fano_hidden_after_over_before"].value == pytest.approx(0.5)


def test_the_targets_rate_is_ink_per_second():
    data = {
        "picture": np.array([[[1.0, 0.0, 0.0, 0.0]] * 8]),
        "last_rate_output": np.array([100.0, 125.0, 150.0]),
        **{n: np.array([0.5]) for n in ("density", "lag_one_correlation")},
        **{n: np.array([0.5]) for n in ("repeat_probability", "neuron_spread")},
    }
    # A quarter of bins of 2 ms.
    assert config().summary(data)["rate_output_over_target"].value == pytest.approx(1.0)


def test_the_output_rate_is_compared_with_that_of_the_whole_picture():
    """Half of the picture's first row has ink, but only a sixth of the picture."""
    picture = np.zeros((1, 3, 8), bool)
    picture[0, 0, ::2] = True
    statistics = ("density", "lag_one_correlation", "repeat_probability", "neuron_spread")
    data = {name: np.zeros(1) for name in statistics}
    data |= {"picture": picture, "last_rate_output": np.array([250.0])}
    actual = SpikeMatching(dt=1e-3).summary(data)["rate_output_over_target"]
    assert actual.value == pytest.approx(250.0 / (1000.0 / 6))
