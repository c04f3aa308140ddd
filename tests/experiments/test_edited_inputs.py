"""A file that is edited between its key and the computation: nothing is kept under a wrong key."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from experiments.engine.cache import read_result
from experiments.engine.config import Project, plan
from experiments.engine.errors import guarded
from experiments.engine.run import NotCached, collect
from experiments.run import main
from experiments.speech.network import SpeechNetwork
from experiments.spike_timing.picture import target
from experiments.spike_timing.spike_matching import SpikeMatching
from tests.experiments.datasets import digits
from tests.experiments.datasets.test_datasets_own import SIZES, SMALL

PROJECT = Project()
PANELS = "deterministic_frozen", "deterministic_frozen_slow"


def edited_after_the_key(monkeypatch, experiment, edit):
    """Edit a file in the last step before the computation; keys have been made by then."""
    check = experiment.check_inputs

    def check_inputs(self):
        check(self)
        edit()

    monkeypatch.setattr(experiment, "check_inputs", check_inputs)


def test_a_picture_that_is_edited_during_a_run_is_kept_as_it_was(tmp_path, monkeypatch):
    path, pixels = tmp_path / "picture.png", np.zeros((12, 16), np.uint8)
    pixels[:, 8:] = 200
    Image.fromarray(pixels).save(path)
    before = path.read_bytes()
    small = "n_outputs=12 n_steps=16 n_inputs=8 n_hidden=8 n_epochs=2 chunk=1"
    given = [f"all.{each}" for each in (f"image={path}", *small.split())]
    given = ["figure=fig6/smoke", f"results_dir={tmp_path / 'results'}", *given]

    def numbers(*arguments):
        """Compute or load the numbers of two panels: the second one begins after the edit."""
        run = plan(PROJECT, [*given, *arguments])
        panels = {name: run.panels[name] for name in PANELS}
        return collect(PROJECT, replace(run, panels=panels))

    painted = target(str(path), 12, 16, SpikeMatching().density)
    with monkeypatch.context() as patch:
        other = Image.fromarray(pixels[:, ::-1])
        edited_after_the_key(patch, SpikeMatching, lambda: other.save(path))
        numbers()
    assert (target(str(path), 12, 16, SpikeMatching().density) != painted).any()
    entries = [*(tmp_path / "results/cache").glob("*.npz")]
    assert len(entries) == len(PANELS)
    for entry in entries:
        np.testing.assert_array_equal(read_result(entry)[0]["picture"], painted)
    with pytest.raises(NotCached):
        numbers("compute=never")
    path.write_bytes(before)
    numbers("compute=never")


def test_a_data_set_that_is_edited_during_a_run_is_refused(tmp_path, monkeypatch, capfd):
    for name, n, seed in (("train.h5", 20, 0), ("test.h5", 12, 1)):
        digits.write(tmp_path / name, digits.samples(n, 60, seed, *SIZES))
    own = f"data=own data.folder={tmp_path} data.n_classes=10 data.n_channels=64"

    def edit():
        digits.write(tmp_path / "train.h5", digits.samples(20, 60, 7, *SIZES))

    edited_after_the_key(monkeypatch, SpeechNetwork, edit)
    given = f"figure=fig7/smoke {own} {SMALL} results_dir={tmp_path / 'results'}"
    assert guarded(main, given.split()) == 2
    error = capfd.readouterr().err
    assert "the data set was changed during the run" in error and "Traceback" not in error
    assert not list((tmp_path / "results").rglob("*.npz"))
