"""Former names return the renamed object and warn."""

from importlib import import_module

import pytest

import snn

FORMER = {
    "noise": {"Counter": "ThreefryNoise", "Part": "OffsetNoise"},
    "spikes": {"drop_ins": "record_derivatives", "DROP_IN": "SPIKE_NAME"},
    "surrogate": {"given": "require_escape"},
    "flips": {"by_importance": "importance_probabilities"},
    "draws": {"drawn": "draw_numbers"},
}
NAMES = [(m, old, new) for m, names in FORMER.items() for old, new in names.items()]


@pytest.mark.parametrize(("module", "old", "new"), NAMES)
def test_a_former_name_returns_the_renamed_object_and_warns(module, old, new):
    module = import_module(f"snn.{module}")
    with pytest.warns(DeprecationWarning, match=f"{old} was renamed: use .*{new}"):
        renamed = getattr(module, old)
    assert renamed is vars(module)[new]


def test_other_missing_names_are_errors():
    with pytest.raises(AttributeError, match="'snn.noise' has no attribute 'Count'"):
        _ = snn.noise.Count


@pytest.mark.parametrize("estimator", [snn.Surrogate(), snn.StochasticAD()])
def test_the_former_property_warns(estimator):
    with pytest.warns(DeprecationWarning, match="use depends_only_on_spikes"):
        assert estimator.from_spikes_alone == estimator.depends_only_on_spikes
