"""Trainings through the reset and with it detached: pairs, divergence, and the rule."""

import numpy as np
import pytest

from experiments.engine.config import Project
from experiments.replication.claim import claims_of
from experiments.speech import resets
from experiments.speech.network import MODES
from experiments.speech.resets import ResetsTrained
from experiments.speech.trainer import Diverged, Trainer
from tests.experiments.speech.test_classification import small

ONE_LAYER = {"filters": [3], "kernels": [9], "strides": [4], "n_epochs": 2, "learning_rate": 0.1}
CLAIMS = {c.id: c for c in claims_of(Project().places) if c.id in ("C7h", "C7i", "C7j")}
NAMES = ["Sigmoid", "ScaledSigmoid", "SuperSpike"]


def factorial(**changes):
    config = small(**ONE_LAYER)
    settings = config.model_dump(include=set(ResetsTrained.model_fields))
    return ResetsTrained(**(settings | {"n_probe": 4} | changes))


def test_a_training_is_that_of_the_classifier_and_resets_differ_by_the_spikes_derivative_alone():
    actual = factorial(surrogates=["SuperSpike", "Zero"]).compute(3)
    assert actual["test_accuracy"].shape == (2, 2, 2) and (actual["n_epochs"] == 2).all()
    own = small(**ONE_LAYER, spikes="stochastic", keep_activity=False).compute(3)
    mode = list(MODES).index("stochastic")
    assert actual["test_accuracy"][mode, 1, 0] == own["test_accuracy"][mode]
    assert actual["train_accuracy"][mode, 1, 0] == own["train_accuracy"][-1]
    norm = actual["norm"]
    assert norm.shape == (2, 2, 2, 3, 1)
    through, detached = norm[:, 0], norm[:, 1]
    assert (np.abs(np.log(through[:, 0] / detached[:, 0])) > 1e-3).all()
    np.testing.assert_array_equal(norm[:, :, 1], 0)
    np.testing.assert_array_equal(
        actual["test_accuracy"][:, 0, 1], actual["test_accuracy"][:, 1, 1]
    )


def test_a_training_that_diverges_counts_as_guessing(monkeypatch):
    def diverges(self, state, number):
        if number == 1 and self.config.reset == "through":
            raise Diverged("training diverged")
        return state, {"train_accuracy": np.array(0.5)}

    monkeypatch.setattr(Trainer, "epoch", diverges)
    monkeypatch.setattr(Trainer, "gradient", lambda self, state, *_: (state.params, None))
    monkeypatch.setattr(
        resets, "tested", lambda learner, weights, test, *_: (test.events.labels, 0)
    )
    actual = factorial(surrogates=["SuperSpike"]).compute(0)
    through, detached = actual["test_accuracy"].swapaxes(0, 1)
    assert (through == 0.05).all() and (detached == 1).all()
    np.testing.assert_array_equal(actual["n_epochs"][..., 0], [[1, 2], [1, 2]])
    assert np.isnan(actual["train_accuracy"][:, 0]).all()
    assert (
        np.isnan(actual["norm"][:, 0, 0, 2]).all()
        and np.isfinite(actual["norm"][:, :, :, :2]).all()
    )


def panel(differences, n=10):
    """Networks whose pairs differ by these, by surrogate, and by a hundredth among each other."""
    spread = np.linspace(-0.01, 0.01, n)[:, None, None]
    accuracy = np.full((n, 2, 2, 3), 0.5) + np.linspace(0, 0.1, n).reshape(-1, 1, 1, 1)
    accuracy[:, :, 0] += np.array([differences, differences]) + spread
    arrays = {
        "test_accuracy": accuracy,
        "norm": np.ones((n, 2, 2, 3, 2, 1)),
        "resets": np.array([["through", "detached"]]),
        "surrogates": np.array([NAMES]),
        "n_classes": np.array([20]),
    }
    return arrays | ResetsTrained().pooled(arrays)


@pytest.mark.parametrize(
    ("differences", "equivalent", "worse", "contrast"),
    [
        ((-0.1, 0.0, 0.0), "holds", "holds", "holds"),
        ((0.1, 0.02, -0.02), "holds", "fails", "fails"),
        ((0.0, 0.05, 0.0), "undecided", "undecided", "holds"),
        ((-0.05, -0.1, 0.0), "fails", "holds", "fails"),
        # An effect inside of the margin is a loss, and a contrast, all the same.
        ((-0.02, 0.0, 0.0), "holds", "holds", "holds"),
    ],
)
def test_intervals_over_pairs_decide(differences, equivalent, worse, contrast):
    quantities = ResetsTrained.conclusions({"resets": panel(differences)})
    quantities = {f"fig7.{name}": quantity for name, quantity in quantities.items()}
    actual = {name: claim.evaluate(quantities).verdict for name, claim in CLAIMS.items()}
    assert actual == {"C7h": equivalent, "C7i": worse, "C7j": contrast}


def test_effects_are_relative_to_what_is_learned():
    actual = ResetsTrained.conclusions({"resets": panel((-0.1, 0.0, 0.0))})
    relative = actual["resets.relative_through_minus_detached[deterministic][Sigmoid]"].value
    spread = np.linspace(-0.01, 0.01, 10)
    learned = 0.5 + np.linspace(0, 0.1, 10) - 0.05
    np.testing.assert_allclose(relative, np.mean((-0.1 + spread) / learned))


def test_pairs_are_networks_of_one_seed():
    """Networks differ by more than pairs do: unpaired, no interval would be as narrow."""
    actual = panel((0.0, 0.0, 0.0))
    assert (np.diff(actual["difference"][..., 1:]) < 0.012).all()
    assert (np.diff(actual["accuracy_interval"][..., 1:]) > 0.04).all()


def test_norms_are_averaged_by_their_logarithms():
    """Norms of networks spread over orders of magnitude: 1 and 100 have the mean 10."""
    arrays = panel((0.0, 0.0, 0.0), n=2)
    arrays["norm"] = np.ones((2, 2, 2, 3, 2, 1)) * np.reshape([1.0, 100.0], (2, 1, 1, 1, 1, 1))
    np.testing.assert_allclose(ResetsTrained().pooled(arrays)["norm_mean"], 10.0)


def test_one_seed_decides_nothing():
    quantities = ResetsTrained.conclusions({"resets": panel((-0.1, 0.0, 0.0), n=1)})
    assert not any(quantity.is_finite for quantity in quantities.values())
    without = panel((0, 0, 0)) | {"resets": np.array([["ignored", "detached"]])}
    without = {name: x for name, x in without.items() if name not in ("difference", "pairs")}
    assert "difference" not in ResetsTrained().pooled(without)
    assert ResetsTrained.conclusions({"resets": without}) == {}
