"""Single panels among the committed numbers are computed anew; the others stay."""

import numpy as np
import pytest

from experiments.engine.cache import read_arrays, read_numbers
from experiments.engine.errors import UserError
from scripts import references


def committed(toy):
    return read_numbers(toy.project.reference("fig7"))


def test_panels_that_no_caption_names_stay_out(toy, monkeypatch):
    captions = toy.project.places[0].captions
    captions.mkdir()
    (captions / "fig8.md").write_text('+++\n[panels]\n"a" = ["wave"]\n+++\n# A wave\n')
    assert toy.run("figure=fig8/paper") == 0
    toy.project.reference("fig8").parent.mkdir(parents=True, exist_ok=True)
    references.main(["fig8"], toy.project)
    assert set(read_numbers(toy.results / "paper/fig8/fig8.npz")[0]) == {"wave", "draws"}
    assert set(read_numbers(toy.project.reference("fig8"))[0]) == {"wave"}


def test_only_the_panels_named_are_replaced(toy, monkeypatch):
    assert toy.run("figure=fig7/paper") == 0
    toy.project.reference("fig7").parent.mkdir(parents=True, exist_ok=True)
    references.main(["fig7"], toy.project)
    path = toy.project.reference("fig7")
    np.savez(path, **read_arrays(path), **{"other/x": np.arange(3)})
    before, words = committed(toy)
    monkeypatch.setattr("toylab.signals.wave.sine", lambda t: 7.0 + 0 * t)
    # Taken from the cache, which knows the sources of the copy alone.
    references.main(["fig7", "--only", "wave"], toy.project)
    assert committed(toy)[0]["wave"]["y"].max() == before["wave"]["y"].max()
    for entry in (toy.results / "cache").glob("*.npz"):
        entry.unlink()
    references.main(["fig7", "--only", "wave"], toy.project)
    after, statements = committed(toy)
    assert statements == words and after.keys() == before.keys()
    assert after["wave"]["y"].max() == 7.0 != before["wave"]["y"].max()
    np.testing.assert_array_equal(after["other"]["x"], np.arange(3))
    with pytest.raises(UserError, match=r"no such panel(.|\n)*--only wave"):
        references.main(["fig7", "--only", "wav"], toy.project)
