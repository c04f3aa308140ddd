"""Parameters of figures 8 to 11 that cannot be measured are refused before anything is computed."""

import pytest

from beyond.experiments.atlas.estimator_atlas import EstimatorAtlas
from beyond.experiments.boolean.between_spikes import BetweenSpikes
from beyond.experiments.lif.between_spikes_over_time import BetweenSpikesOverTime
from beyond.experiments.lif.flip_variance import FlipVariance
from beyond.experiments.lif.tuned_training import TunedTraining
from beyond.experiments.spike_times.learning import Learning
from beyond.experiments.spike_times.time_step import TimeStep
from experiments.engine.config import validated
from experiments.engine.errors import UserError

REFUSED = [
    # Figure 8.
    (EstimatorAtlas, {"n_trials": 64, "max_budget": 100}, "buys more trials than are drawn", ""),
    # Figure 9.
    (FlipVariance, {"steps": 62}, "not shared evenly", ""),
    (FlipVariance, {"n_hidden": 1_000_000}, "n_hidden is out of range", "p.n_hidden=10000"),
    (TunedTraining, {"tuning_seeds": [0]}, "both choose the learning rate and judge it", ""),
    (TunedTraining, {"budget": 1}, "a budget is a trial and flips", ""),
    (
        TunedTraining,
        {"neuron": "AdaptiveLIF", "methods": ["surrogate_through_bounded"]},
        "one neuron",
        "",
    ),
    (TunedTraining, {"aligned": True, "steps": 4}, "more flips than spike sites: n_flips=", ""),
    # Figure 10.
    (BetweenSpikes, {"width": 3}, "without a solution", ""),
    (BetweenSpikes, {"ones": 8, "width": 6}, "no function to learn", ""),
    (BetweenSpikes, {"n_updates": 50}, "not observed", ""),
    (BetweenSpikesOverTime, {"lams": [0.0, 0.5]}, "nothing to compare with", ""),
    (BetweenSpikesOverTime, {"budget": 1}, "a budget is a trial and flips", ""),
    # Figure 11.
    (TimeStep, {"steps": [0.3]}, "not a whole number of steps", ""),
    (Learning, {"n_points": 7}, "points do not divide updates", ""),
    (Learning, {"n_trials": 1}, "compares a trial with others", ""),
]


@pytest.mark.parametrize(("experiment", "settings", "what", "fix"), REFUSED)
def test_what_cannot_be_measured_is_refused(experiment, settings, what, fix):
    with pytest.raises(UserError, match=what) as caught:
        validated(experiment, settings, "p")
    assert fix in caught.value.fix
