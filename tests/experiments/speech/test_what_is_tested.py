"""What is said of a trained classifier, by hand: loss, counts, test, confusion, gradients."""

import re
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from scipy.special import log_softmax

import snn
from experiments.speech import classification, gradient_scale
from experiments.speech.classification import Classification
from experiments.speech.gradient_scale import GradientScale
from experiments.speech.network import MODES, RESETS, network
from experiments.speech.variability import activity
from experiments.statistics import accuracy_interval
from snn.noise import Hashed
from snn.shapes import SHAPES
from tests.experiments.speech.test_classification import KEY, prepared, small, trainer_of


def test_loss_counts_and_right_answers_are_those_of_the_trial():
    """Every layer is punished for the square of what its mean count exceeds the limit by."""
    trainer, start = prepared()
    learner, weights = trainer.learner, [*trainer.fixed, *start.params]
    x, labels = trainer.batches.inputs(np.arange(2)), trainer.batches.events.labels[:2]
    readout, spikes = learner.activity(weights, x, KEY, spikes="stochastic")
    scores = np.asarray(readout, float).max(axis=0)
    means = [np.asarray(raster).sum(axis=0).mean(axis=1) for raster in spikes]
    excess = [np.mean(np.maximum(mean - 0.1, 0) ** 2) for mean in means]
    one_right = np.array([scores[0].argmax(), labels[1]], labels.dtype)
    for label, n_right in ((labels, 0), (one_right, 1)):
        observed, answer, counts = learner.answers(weights, x, label, KEY, spikes="stochastic")
        for count, raster in zip(counts, spikes, strict=True):
            np.testing.assert_array_equal(count, np.asarray(raster).sum(axis=0))
        np.testing.assert_array_equal(answer, scores.argmax(axis=1))
        assert observed.right == np.sum(answer == label) == n_right
        np.testing.assert_allclose(observed.counts, [mean.mean() for mean in means], rtol=1e-5)
        cross_entropy = -log_softmax(scores, axis=1)[range(2), label].mean()
        assert observed.loss == pytest.approx(cross_entropy + 0.3 * sum(excess), rel=1e-5)
    # The upper layers are not for nothing.
    assert sum(excess[1:]) > 0.01


def test_gradients_are_those_of_the_surrogate_and_reset_asked_for():
    """Every reset's gradient is its own, and none of the others'."""
    actual, expected = [], []
    for reset in RESETS:
        config = small(
            surrogate="ScaledSigmoid", reset=reset, filters=[3], kernels=[9], strides=[4]
        )
        trainer, start = trainer_of(config)
        x = trainer.batches.inputs(np.arange(2))
        label = jnp.asarray(trainer.batches.events.labels[:2])
        grad, _ = trainer.learner.gradient(trainer.derivative, start.params, (), x, label, KEY)
        actual.append(ravel_pytree(grad)[0])
        objective = trainer.learner._objective(x, label, ())
        estimator = snn.Surrogate(snn.surrogate.ScaledSigmoid(10.0), reset=getattr(snn, reset))
        estimate, _ = jax.jit(estimator.with_run)(objective, start.params, Hashed(KEY))
        expected.append(ravel_pytree(estimate.grad)[0])
    errors = [[np.abs(a - b).max() / np.abs(a).max() for b in expected] for a in actual]
    np.testing.assert_array_equal(np.array(errors) < 1e-3, np.eye(len(RESETS)), str(errors))


@pytest.mark.parametrize("name", SHAPES)
def test_a_surrogate_is_named_as_its_class_or_as_in_the_catalogue(name):
    """One name, hence one key in the cache."""
    snake = re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()
    assert small(surrogate=snake) == small(surrogate=name)


def test_constants_of_time_are_in_their_places():
    built = network(small(tau_mem=0.03, tau_syn=0.01, tau_readout=0.5))
    assert (built.neuron.tau_mem, built.neuron.tau_syn, built.neuron.dt) == (0.03, 0.01, 20e-3)
    readout = built.readout
    assert (readout.tau_mem, readout.tau_syn, readout.dt) == (0.5, 0.01, 20e-3)


@pytest.mark.parametrize("own", MODES)
def test_both_kinds_of_spikes_are_tested_on_the_test_set(monkeypatch, own):
    """Networks that answer 3 and spike 6 times, or 5 and 9 times under stochastic spikes."""
    config, tests = small(spikes=own, keep_activity=False), []

    def tested(learner, weights, test, key, spikes):
        tests.append((spikes, tuple(np.ravel(jax.random.key_data(key)))))
        answer, count = {"deterministic": (3, 6.0), "stochastic": (5, 9.0)}[spikes]
        counts = [np.full(n, count) for n in learner.network.n_neurons]
        return np.full(len(test.events), answer), counts

    monkeypatch.setattr(classification, "tested", tested)
    monkeypatch.setattr(classification, "train_epochs", lambda _, start, n: (start, {}))
    data, labels = config.compute(0), config.open().test.labels
    assert [spikes for spikes, _ in tests] == list(MODES)
    assert tests[0][1] != tests[1][1]
    shares = [np.mean(labels == 3), np.mean(labels == 5)]
    np.testing.assert_allclose(data["test_accuracy"], shares)
    answer, count = (3, 6.0) if own == "deterministic" else (5, 9.0)
    # Rows are classes, columns are answers.
    expected = np.zeros((20, 20), int)
    expected[:, answer] = np.bincount(labels, minlength=20)
    np.testing.assert_array_equal(data["confusion"], expected)
    for layer in (1, 2):
        np.testing.assert_allclose(data[f"unit_rates_{layer}"], count / 0.6)


@pytest.mark.parametrize("own", MODES)
def test_held_out_utterances_are_those_of_validation_and_of_the_test(own):
    data = {
        "train_accuracy": np.array([[0.1, 0.9]]),
        "valid_accuracy": np.array([[0.1, 0.6]]),
        "test_accuracy": np.array([[0.5, 0.4]]),
        "n_valid": np.array([10]),
        "n_test": np.array([40]),
        "n_parameters": np.array([7]),
    }
    actual = Classification(spikes=own, keep_activity=False).summary(data)
    assert actual["train_accuracy"].value == 0.9
    right = {"deterministic": 20, "stochastic": 16}
    expected = {f"test_accuracy[{mode}]": (n, 40) for mode, n in right.items()}
    expected |= {"valid_accuracy": (6, 10), "held_out_accuracy": (6 + right[own], 50)}
    for name, (n, of) in expected.items():
        quantity = actual[name]
        assert quantity.value == pytest.approx(n / of)
        interval = accuracy_interval(np.array([n / of]), of)
        assert (quantity.ci_low, quantity.ci_high) == pytest.approx(interval)


def test_shown_utterances_are_the_first_of_two_classes():
    labels = np.array([5, 5, 2, 7])
    test = SimpleNamespace(
        events=SimpleNamespace(labels=labels),
        inputs=lambda chosen: chosen[None, :, None] * np.ones(3),
    )
    learner = SimpleNamespace(
        config=SimpleNamespace(spikes="stochastic"),
        activity=lambda weights, x, key, spikes: (x, (x > 1,)),
    )
    actual = activity(learner, [], test, KEY)
    np.testing.assert_array_equal(actual["sample_label"], [5, 2])
    np.testing.assert_array_equal(actual["sample_readout"][:, 0, 0], [0, 2])
    np.testing.assert_array_equal(actual["sample_1"][:, 0, 0], [False, True])


SCALE = small(filters=[2, 3, 4], kernels=[9, 5, 3], strides=[4, 2, 1]).model_dump(
    include=set(GradientScale.model_fields)
)


def test_norms_are_those_of_hidden_layers_from_below(monkeypatch):
    """Gradients are (3, 4) times the number of the layer, for each of its two weights."""

    def gradient(learner, derivative, params, x, label, key):
        hidden = [np.array([3.0, 4.0]) * (i + 1) for i in range(learner.n_layers)]
        return [*hidden, np.array([1e3, 1e3])]

    monkeypatch.setattr(gradient_scale, "_gradient", gradient)
    config = GradientScale(**SCALE, surrogates=["SuperSpike"], slopes=[1.0], n_utterances=4)
    (norm,) = config.compute(0)["norm"]
    nan = np.nan
    np.testing.assert_allclose(norm[0], [[5, nan, nan], [5, 10, nan], [5, 10, 15]])


def test_a_matched_surrogate_is_compared_in_the_first_layer_of_the_deepest_network():
    config = GradientScale(slopes=[3, 30], surrogates=["SuperSpike", "Sigmoid"])
    norm = np.ones((2, 2, 2, 3, 3))  # seed, shape, slope, depth, layer
    norm[:, 1, :, 2, 0] = [[2.0, 10.0], [8.0, 1000.0]]
    actual = config.summary({"norm": norm, "shapes": np.array([config.surrogates] * 2)})
    assert actual["matched_over_superspike[3]"].value == pytest.approx(4.0)
    assert actual["matched_over_superspike[30]"].value == pytest.approx(100.0)
