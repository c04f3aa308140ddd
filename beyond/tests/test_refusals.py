"""Parameters of figures 8 to 11 that cannot be measured are refused before anything is computed."""

import pytest

from beyond.experiments.atlas.estimator_atlas import EstimatorAtlas
from beyond.experiments.boolean.between_spikes import BetweenSpikes
from beyond.experiments.lif.between_spikes_over_time import BetweenSpikesOverTime
from beyond.experiments.lif.flip_variance import FlipVariance
from beyond.experiments.lif.resets_over_time import ResetsOverTime
from beyond.experiments.lif.unbiased_training import UnbiasedTraining
from beyond.experiments.spike_times.learning import Learning
from beyond.experiments.spike_times.moves_and_births import MovesAndBirths
from beyond.experiments.spike_times.time_step import TimeStep
from experiments.engine.config import validated
from experiments.engine.errors import UserError

NAN = float("nan")
REFUSED = [
    # Figure 8.
    (EstimatorAtlas, {"depths": [1, 100_000]}, "depths is out of range", ""),
    (EstimatorAtlas, {"betas": [1.0, 1.0]}, "betas is out of range", ""),
    (EstimatorAtlas, {"n_trials": 64, "max_budget": 100}, "buys more trials than are drawn", ""),
    # Figure 9.
    (FlipVariance, {"n_flips": [128, 32]}, "n_flips is out of range", ""),
    (FlipVariance, {"steps": 62}, "not shared evenly", ""),
    (FlipVariance, {"n_hidden": 1_000_000}, "n_hidden is out of range", "p.n_hidden=10000"),
    (FlipVariance, {"n_trials": 10**8}, "n_trials is out of range", "p.n_trials=1000000"),
    (UnbiasedTraining, {"seeds": [2**32]}, "seeds is out of range", ""),
    (UnbiasedTraining, {"tuning_seeds": [0]}, "both choose the learning rate and judge it", ""),
    (
        UnbiasedTraining,
        {"estimators": ["surrogate", "stochastic_ad_systematic"], "budget": 1},
        "does not suit stochastic_ad_systematic",
        "",
    ),
    (  # Four times this budget is more than a trial and its 40 sites.
        UnbiasedTraining,
        {"n_hidden": 2, "n_outputs": 2, "steps": 10, "budget": 11},
        "does not suit stochastic_ad_systematic_more",
        "",
    ),
    (ResetsOverTime, {"neuron": "AdaptiveLIF"}, "one neuron", ""),
    (ResetsOverTime, {"steps": 2}, "more flips than spike sites: n_flips=", ""),
    (
        ResetsOverTime,
        {"steps": 2, "n_flips": 30},
        "a budget is a trial and flips",
        "",
    ),
    # Figure 10.
    (BetweenSpikes, {"width": 3}, "without a solution", ""),
    (BetweenSpikes, {"ones": 8, "width": 6}, "no function to learn", ""),
    (BetweenSpikes, {"width": 7}, "width", ""),
    (BetweenSpikes, {"n_updates": 50}, "not observed", ""),
    (BetweenSpikes, {"lams": [0.0, NAN]}, "lams", ""),
    (BetweenSpikes, {"lams": [1.0, 0.0]}, "lams", ""),
    (BetweenSpikesOverTime, {"tuning_seeds": [0]}, "both choose the learning rate and judge", ""),
    (BetweenSpikesOverTime, {"lams": [0.0, 0.5]}, "nothing to compare with", ""),
    (BetweenSpikesOverTime, {"lams": [0.0, NAN, 1.0]}, "lams", ""),
    (BetweenSpikesOverTime, {"budget": 1}, "a budget is a trial and flips", ""),
    # Figure 11.
    (TimeStep, {"steps": [0.3]}, "not a whole number of steps", ""),
    (MovesAndBirths, {"betas": [1e6]}, "betas is out of range", ""),
    (Learning, {"tuning_seeds": [0]}, "both choose the learning rate and judge", ""),
    (Learning, {"n_points": 7}, "points do not divide updates", ""),
]


@pytest.mark.parametrize(("experiment", "settings", "what", "fix"), REFUSED)
def test_what_cannot_be_measured_is_refused(experiment, settings, what, fix):
    with pytest.raises(UserError, match=what) as caught:
        validated(experiment, settings, "p")
    assert fix in caught.value.fix
