"""One line in the catalogue makes an estimator a choice of the atlas, and changes no preset."""

import numpy as np

from beyond.experiments.atlas import estimator_atlas
from tests.experiments.test_estimators import anew, toy  # noqa: F401 - a fixture


def test_the_atlas_can_compare_it(toy, monkeypatch, compiled_anew):  # noqa: F811
    module = anew(estimator_atlas, monkeypatch)
    assert "toy" not in module.EstimatorAtlas(seeds=[0]).estimators
    config = module.EstimatorAtlas(
        widths=[2], n_networks=2, n_trials=4096, estimators=["toy"], seeds=[0]
    )
    data = {name: array[None] for name, array in config.compute(0).items()}
    # Sampled in any case; a biased one without an exact mean is measured by its sampled mean.
    assert np.all(data["variance"] > 0)
    summary = config.summary(data)
    if toy:
        assert summary["toy_max_abs_z"].value < 5
    else:
        assert np.all(np.abs(data["scale"] - 3) < 1)
        assert np.median(data["bias"]) > 1
