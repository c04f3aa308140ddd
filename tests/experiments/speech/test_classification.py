"""The classifier's training and test: what is reported, what must not move, what stops it."""

from functools import cache

import jax
import jax.flatten_util
import numpy as np
import pytest

from experiments.datasets import split
from experiments.engine.cache import cache_key
from experiments.engine.checkpoint import checkpointed
from experiments.engine.config import Project, plan, validated
from experiments.engine.errors import UserError
from experiments.speech import batches, classification, event_driven
from experiments.speech.batches import Batches
from experiments.speech.classification import Classification
from experiments.speech.learner import BatchMetrics, Learner
from experiments.speech.network import network
from experiments.speech.trainer import State, Trainer, _stop_if_not_finite
from experiments.training import loop
from snn.connections import MatrixProducts
from tests.experiments.speech.compiler import needs_compiler

KEY = jax.random.key(0)
FEW = "data=fixture", "data.n_train=20", "data.n_test=20"


def small(**changes):
    """A tiny network on some of the committed utterances, at a coarse time step."""
    settings = {
        "data": "fixture",
        "folder": "",
        "download": False,
        "n_classes": 20,
        "n_channels": 700,
        "n_train": 20,
        "n_test": 12,
        "data_seed": 0,
        "channels_per_bin": 10,
        "n_steps": 30,
        "dt": 20e-3,
        "filters": [2, 3],
        "kernels": [9, 5],
        "strides": [4, 2],
        "sigma_u": 1.5,
        "rate_limit": 0.1,
        "rate_weight": 0.3,
        # 18 utterances to train with and 2 to validate: all sizes are even, one shape is compiled.
        "micro_batch": 2,
        "batch_size": 8,
        "n_epochs": 2,
        "n_repeats": 8,
        "seeds": [0],
    }
    return Classification(**(settings | changes))


@cache
def learner_of(spikes="stochastic"):
    """The classifier of each kind that all tests share: what one compiles serves the others."""
    return Learner(small(spikes=spikes))


def trainer_of(config, learner=None):
    """What `compute` makes of a configuration before it trains."""
    data, learner = config.open(), learner or Learner(config)
    weights = learner.init(KEY)
    n_fixed = 0 if config.trained == "all" else learner.n_layers
    fixed, params = weights[:n_fixed], weights[n_fixed:]
    parts = split(len(data.train), config.data_seed)
    trainer = Trainer(config, learner, fixed, Batches(data.train, config), parts, KEY, 0)
    return trainer, State(params, trainer.descent.init(params))


def prepared(surrogate="SuperSpike", trained="all", spikes="stochastic", micro_batch=2):
    """A trainer of the shared classifier, which none of these changes."""
    config = small(surrogate=surrogate, trained=trained, spikes=spikes, micro_batch=micro_batch)
    return trainer_of(config, learner_of(spikes))


def test_the_penalty_on_low_rates_is_part_of_the_loss():
    """Neurons that are silent cost the weight times the squared limit."""
    losses = []
    for weight in (0.0, 100.0):
        config = small(low_rate_weight=weight, low_rate_limit=1e3, rate_weight=0.0)
        learner = Learner(config)
        weights = jax.tree.map(lambda leaf: 0 * leaf, learner.init(KEY))
        x, label = Batches(config.open().train, config).inputs(np.arange(2)), np.zeros(2, int)
        losses.append(
            float(learner.answers(weights, x, label, KEY, spikes="deterministic")[0].loss)
        )
    assert losses[1] - losses[0] == pytest.approx(2 * 100 * 1e6, rel=1e-5)


@pytest.mark.parametrize("spikes", ["stochastic", "deterministic"])
def test_what_is_reported(spikes, monkeypatch):
    monkeypatch.setattr(classification, "Learner", lambda config: learner_of(config.spikes))
    config = small(spikes=spikes)
    data = config.compute(0)
    assert data["test_accuracy"].shape == (2,) and data["n_test"] == 12
    own = data["test_accuracy"][["deterministic", "stochastic"].index(spikes)]
    assert data["confusion"].sum() == 12
    assert np.trace(data["confusion"]) / 12 == own
    for name in ("train_accuracy", "valid_accuracy", "train_loss", "valid_loss"):
        assert data[name].shape == (2,) and np.isfinite(data[name]).all()
    assert data["rates"].shape == (2, 2) and (data["rates"] > 0).all()
    n_neurons = learner_of(spikes).network.n_neurons
    for layer, n in enumerate(n_neurons, 1):
        assert data[f"unit_rates_{layer}"].shape == (n,)
        assert data[f"sample_{layer}"].shape == (2, 30, n)
    assert len(set(data["sample_label"])) == 2
    assert data["repeats"].shape == (2, 8, 30) and data["fano"].shape == (2, 30 - 10)
    if spikes == "deterministic":
        # Exactly: integers are summed, and repeats are the same.
        np.testing.assert_array_equal(data["fano_counts"], 0)
        assert set(data["fano"][np.isfinite(data["fano"])]) == {0}
    # One utterance eight times, two at once: no two have the same noise.
    rasters = np.unique(data["repeats"].swapaxes(0, 1).reshape(8, -1), axis=0)
    assert len(rasters) == (1 if spikes == "deterministic" else 8)
    if spikes == "stochastic":
        assert (data["fano_counts"] > 0).all()
    summary = config.summary({name: value[None] for name, value in data.items()})
    assert summary[f"test_accuracy[{spikes}]"].value == own
    assert summary["fano_of_counts[1]"].kind == ("exact" if spikes == "deterministic" else "band")


def test_which_weights_learn():
    """To the bit: without a surrogate the network is its control, whose hidden weights are fixed.

    They stay though high rates are punished, and the readout learns what that of the control does.
    """
    readouts = []
    for changes, layers_that_learn in (
        ({"surrogate": "Zero"}, [False, False, True]),
        ({"trained": "readout"}, [True]),
        ({}, [True, True, True]),
    ):
        trainer, start = prepared(**changes)
        state = start
        for _ in range(2):
            state = trainer.update(state, trainer.gradient(state, np.arange(2), KEY)[0])
        before, after = (
            [jax.flatten_util.ravel_pytree(layer)[0] for layer in each.params]
            for each in (start, state)
        )
        moved = [bool((a != b).any()) for a, b in zip(before, after, strict=True)]
        assert moved == layers_that_learn, changes
        assert len(trainer.fixed) == 3 - len(layers_that_learn)
        readouts.append(np.asarray(state.params[-1]["w"]))
    np.testing.assert_array_equal(readouts[0], readouts[1])
    assert (readouts[0] != readouts[2]).any()


def test_micro_batches_are_exact():
    """4 utterances as 2 + 2, or all at once: the same gradient of the mean loss."""
    actual = []
    for size in (2, 4):
        trainer, start = prepared(spikes="deterministic", micro_batch=size)
        grad, observed = trainer.gradient(start, np.arange(4), KEY)
        actual.append(np.concatenate([np.ravel(w) for w in jax.tree.leaves((grad, observed))]))
    np.testing.assert_allclose(*actual, rtol=1e-6, atol=1e-12)
    assert np.abs(actual[0]).max() > 1e-3


def test_a_training_that_is_interrupted_goes_on_to_the_same_weights(tmp_path, monkeypatch, caplog):
    """Single precision, noise, and an optimiser with a memory; on another number of threads."""
    caplog.set_level("INFO")
    jax.config.update("jax_enable_x64", False)
    trainer, start = trainer_of(small(filters=[2], kernels=[9], strides=[4], n_epochs=4))

    def trained(n_workers):
        monkeypatch.setattr(batches, "n_workers", lambda: n_workers)
        with checkpointed(tmp_path, "key"):
            return jax.tree.leaves(loop.train_epochs(trainer.epoch, start, 4))

    def save_and_stop(done, *rest, save=loop._save):
        save(done, *rest)
        if done == 2:
            raise KeyboardInterrupt

    whole = trained(2)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(loop, "_save", save_and_stop)
        trained(2)
    for a, b in zip(whole, trained(1), strict=True):
        np.testing.assert_array_equal(a, b)
    assert "goes on after 2 of 4" in caplog.messages
    assert any(leaf.dtype == np.float32 for leaf in whole) and not list(tmp_path.rglob("*.npz"))


def test_nan_behind_silent_neurons_ends_in_one_message():
    """A potential that is no number does not spike, so that the loss stays finite."""
    trainer, (params, memory) = prepared()
    params = [dict(layer) for layer in params]
    params[1]["w"] = params[1]["w"] * np.inf
    with pytest.raises(UserError, match="training diverged in epoch 2, batch 1") as caught:
        trainer.epoch(State(params, memory), 1)
    message = str(caught.value)
    assert "loss nan" not in message and "not finite: hidden layer 2, " in message
    assert "fix:      a smaller learning_rate than 0.01" in message


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("layer", "name", "said"),
    [
        (0, "w", "hidden layer 1, feed-forward weights"),
        (1, "rec", "hidden layer 2, recurrent weights"),
        (2, "w", "readout, feed-forward weights"),
    ],
)
def test_the_layer_in_trouble_is_named(layer, name, said, value):
    grad = [{"rec": np.zeros(3), "w": np.zeros(3)} for _ in range(2)] + [{"w": np.zeros(2)}]
    observed = BatchMetrics(np.float32(1.0), np.float32(0.5), np.ones(2))
    _stop_if_not_finite(grad, observed, small(), 4, 1)  # nothing to complain of
    grad[layer][name][1] = value
    # Layers below the one in trouble get what came through it.
    for below in grad[:layer]:
        below["w"][:] = np.nan
    with pytest.raises(UserError, match=f"epoch 5, batch 2(.|\\n)*not finite: {said}"):
        _stop_if_not_finite(grad, observed, small(), 4, 1)


def test_a_loss_that_is_not_finite_stops_too():
    observed = BatchMetrics(np.float32(np.inf), np.float32(0.5), np.ones(3))
    with pytest.raises(UserError, match="only the loss"):
        _stop_if_not_finite([{"w": np.zeros(2)}], observed, small(trained="readout"), 0, 0)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"filters": [2]}, "lists of one length, from 1 to 4"),
        ({"strides": [4, 2, 1]}, "lists of one length, from 1 to 4"),
        ({"channels_per_bin": 3}, "channels_per_bin does not divide"),
        ({"n_channels": 70}, r"got: +data.n_classes=20 data.n_channels=70\n"),
        ({"strides": [20, 2]}, "kernel of layer 2 is longer than its input of 4 positions"),
        ({"seeds": [2**32]}, r"p.seeds is out of range(.|\n)*0 to 4294967295"),
        ({"surrogate": "Matched"}, "p.surrogate has no such option"),
        ({"event_driven": "yes"}, r"p.event_driven has no such option(.|\n)*false, true, auto"),
    ],
)
def test_error_messages(changes, message):
    settings = small().model_dump() | changes
    with pytest.raises(UserError, match=message):
        validated(type(small()), settings, "p")


@needs_compiler
def test_the_network_convolves_as_its_parameter_says():
    assert network(small(event_driven=True)).convolve == event_driven.EventDriven()
    assert network(small()).convolve == MatrixProducts()


@needs_compiler
def test_where_it_is_left_to_the_machine_a_compiler_decides_before_the_key_is_made(
    monkeypatch, caplog
):
    assert small(event_driven="auto").event_driven is True
    assert small(event_driven="auto", platform="gpu").event_driven is False

    def key(choice, *given):
        run = plan(Project(), [f"figure=fig7/{choice}", *given])
        recorded = run.config["panels"]["stochastic"]["event_driven"]
        experiment = run.panels["stochastic"]
        experiment.check_inputs()
        return recorded, cache_key(experiment, 0, "source", run.settings.runtime, {})

    auto = key("medium", *FEW)
    assert auto == key("medium", "all.event_driven=true", *FEW)
    assert auto[0] is True and key("smoke")[0] is key("quick", *FEW)[0] is False
    assert not caplog.records
    monkeypatch.setenv("CXX", "no-such-compiler")
    without = key("medium", *FEW)
    assert without[0] is False and without[1] != auto[1]
    assert caplog.text.count("no C++ compiler was found") == 1
    monkeypatch.setenv("CXX", "'")
    assert small(event_driven="auto").event_driven is False


def test_event_driven_sums_are_refused_before_any_compute(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    config = small(event_driven=True)
    # What was computed before can be read without a compiler.
    small().check_inputs()
    message = r"are not available here(.|\n)*no-such-compiler(.|\n)*all.event_driven=false"
    with pytest.raises(UserError, match=message):
        config.check_inputs()
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    event_driven.load.cache_clear()
    with pytest.raises(UserError, match="got JAX on gpu(.|\n)*all.event_driven=false"):
        Learner(config)
