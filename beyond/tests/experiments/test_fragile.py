"""Fragile verdicts: planted panels in which one task turns a verdict, or none does."""

from dataclasses import dataclass

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.fragile import turned, without
from beyond.scripts.fragile import fragile_table
from experiments.engine.declare.experiment import Experiment, Quantity, array
from experiments.replication.claim import Claim
from experiments.replication.relations import below

N = 8


@dataclass
class Planted(Experiment):
    """One arm with two rates: the mean loss at the rate that tuning tasks choose."""

    ARRAYS = {
        "tuning": array("seed, method, rate, tuning task", "score"),
        "loss": array("seed, rate", "loss of a judged task"),
        "mean": array("", "mean loss at the chosen rate"),
    }

    def compute(self, seed):
        raise NotImplementedError("panels are planted")

    def pooled(self, data):
        which = int(chosen_rates.chosen(data["tuning"][0])[0])
        return {"mean": np.array(data["loss"][:, which].mean())}

    @classmethod
    def conclusions(cls, panels):
        return {
            f"{name}.mean": Quantity(float(data["mean"]), "exact", atol=1e-9)
            for name, data in panels.items()
        }


@dataclass
class PlantedLosses(Planted):
    """A run with one loss of each arm and rate, NaN where nothing was trained."""

    ARRAYS = Planted.ARRAYS | {"log_loss": array("seed, method, rate", "log of the final loss")}

    def pooled(self, data):
        which = int(chosen_rates.chosen(data["tuning"][0])[0])
        return {"mean": np.array(data["log_loss"][:, 0, which].mean())}


CLAIM = Claim("E900", "A loss is small.", "loss", ("fig10.panel.mean",), below(1.0), n="planted")


def decided(tuning, loss):
    experiment = Planted()
    data = {"tuning": np.array([[tuning]] * len(loss)), "loss": np.array(loss)}
    panels = {"panel": data | experiment.pooled(data)}
    quantities = {f"fig10.{n}": q for n, q in Planted.conclusions(panels).items()}
    return turned("fig10", {"panel": experiment}, panels, (CLAIM,), quantities)["E900"]


SAFE = [[0.0] * N, [1.0] * N]
LOSS = [[0.5, 2.0]] * N


def test_verdicts_that_no_task_turns_are_not_fragile():
    judgement = decided(SAFE, LOSS)
    assert judgement.verdict == "holds" and not judgement.fragile
    assert judgement.tried == {"tuning": N, "judged": N}


def test_one_tuning_task_that_decides_the_rate_makes_a_verdict_fragile():
    hair = [[0.0] * N, [0.5, *[-0.05] * (N - 1)]]
    judgement = decided(hair, LOSS)
    assert judgement.verdict == "holds"
    assert judgement.turned == {"tuning": 1, "judged": 0} and judgement.fragile
    assert "| E900 | holds | 1 of 8 | 0 of 8 |" in fragile_table({"E900": judgement})


def test_one_judged_task_that_carries_the_mean_makes_a_verdict_fragile():
    heavy = [[9.0, 2.0], *[[0.5, 2.0]] * (N - 1)]
    judgement = decided(SAFE, heavy)
    assert judgement.verdict == "fails"
    assert judgement.turned == {"tuning": 0, "judged": 1}


def test_a_task_is_left_out_of_its_axis_alone():
    experiment = Planted()
    tuning = np.arange(2.0 * N).reshape(2, N)
    data = {"tuning": np.array([[tuning]] * 3), "loss": np.arange(6.0).reshape(3, 2)}
    left = without(experiment, data, "tuning", 2)
    assert left["loss"] is data["loss"]
    np.testing.assert_array_equal(left["tuning"][0, 0], np.delete(tuning, 2, axis=1))
    left = without(experiment, data, "judged", 1)
    np.testing.assert_array_equal(left["loss"], [[0, 1], [4, 5]])
    assert left["tuning"].shape == (2, 1, 2, N)


def test_rates_without_a_judged_training_are_not_chosen():
    """Without a tuning task the first rate would be best, at which nothing was trained."""
    experiment = PlantedLosses()
    tuning = np.array([[[[0.0, 0.0, 9.0], [1.0, 1.0, 1.0]]]])
    data = {"tuning": tuning, "log_loss": np.array([[[np.nan, 0.5]]])}
    assert without(experiment, data, "tuning", 2)["mean"] == 0.5
    unmasked = {"tuning": tuning[..., :2], "log_loss": data["log_loss"]}
    assert np.isnan(experiment.pooled(unmasked)["mean"])
