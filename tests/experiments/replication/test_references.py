"""A run's numbers become the committed ones; what follows from several seeds is computed anew."""

import numpy as np
import pytest

from experiments.engine.errors import UserError
from experiments.engine.store import read_arrays
from figures.drawing import Words, unpack
from scripts import references


def test_numbers_are_those_of_the_run_and_what_follows_from_them(toy, monkeypatch):
    with pytest.raises(UserError, match=r"no such run(.|\n)*make figure-7 PRESET=paper"):
        references.main(["fig7"], toy.project)
    assert toy.run("figure=fig7/paper") == 0
    run = unpack(read_arrays(toy.results / "paper" / "fig7" / "fig7.npz"))[0]["wave"]
    target = toy.project.reference("fig7")
    target.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr("toylab.signals.wave.Wave.pooled", lambda self, data: {"new": data["y"][0]})
    references.main(["fig7"], toy.project)
    data, words = unpack(read_arrays(target))
    assert words == Words()
    np.testing.assert_array_equal(data["wave"].pop("new"), run["y"][0])
    assert data["wave"].keys() == run.keys()
    for name, array in run.items():
        np.testing.assert_array_equal(data["wave"][name], array)
