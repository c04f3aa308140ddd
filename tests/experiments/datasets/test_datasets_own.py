"""Files of one's own, with other numbers of classes and channels, from the folder to figure 7."""

import numpy as np
import pytest

from experiments.datasets import open_dataset, source
from experiments.engine.config import Project, plan
from experiments.engine.errors import UserError
from experiments.speech.network import SpeechNetwork
from tests.experiments.datasets import digits

SIZES = (10, 64)
SMALL = (
    "all.channels_per_bin=1 all.kernels=[9] all.strides=[3] all.filters=[2] "
    "all.n_steps=30 all.dt=0.02 all.n_repeats=8 all.n_epochs=1 all.micro_batch=2 all.sigma_u=2"
)


@pytest.fixture
def folder(tmp_path):
    for name, n, seed in (("train.h5", 20, 0), ("test.h5", 12, 1)):
        digits.write(tmp_path / name, digits.samples(n, 60, seed, *SIZES))
    return tmp_path


def config(folder, *more):
    own = f"data=own data.folder={folder} data.n_classes=10 data.n_channels=64".split()
    run = plan(Project(), ["figure=fig7/smoke", *own, *SMALL.split(), *more])
    panel = run.panels["stochastic"]
    assert isinstance(panel, SpeechNetwork)
    return panel


def test_they_train_in_figure_7(folder):
    stochastic = config(folder)
    data = stochastic.compute(0)
    assert data["confusion"].shape == (10, 10) and data["confusion"].sum() == 12
    assert data["sample_input"].shape == (2, 30, 64) and data["sample_input"].any()
    assert data["sample_readout"].shape == (2, 30, 10)
    assert np.isfinite(data["train_loss"]).all() and (data["rates"] > 0).all()
    assert data["title"] == "own data, 20 training utterances"
    assert list(data["classes"]) == [f"word {i}" for i in range(10)]


def test_channels_are_merged(folder):
    with pytest.raises(UserError, match=r"does not divide(.|\n)*n_channels=64"):
        config(folder, "panels.stochastic.channels_per_bin=5")
    data = open_dataset("own", folder=folder, sizes=SIZES).train
    binned = data.binned([0], 30, 0.02)
    merged = data.binned([0], 30, 0.02, 4)
    assert merged.shape == (30, 1, 16)
    np.testing.assert_array_equal(merged, binned.reshape(30, 1, 16, 4).max(axis=-1))


def test_zipped_files_are_read_and_hashed_by_content(folder):
    before = source("own", folder=folder).digest()
    digits.zipped(folder / "test.h5")
    (folder / "test.h5").unlink()
    assert len(open_dataset("own", folder=folder, sizes=SIZES).test) == 12
    assert source("own", folder=folder).digest() != before
    digits.write(folder / "train.h5", digits.samples(21, 60, 0, *SIZES))
    assert len(open_dataset("own", folder=folder, sizes=SIZES).train) == 21


@pytest.mark.parametrize("name", ["train.h5", "test.h5"])
def test_files_that_are_exchanged_after_the_key_was_made_are_not_computed_with(folder, name):
    stochastic = config(folder)
    assert stochastic.input_digest()
    digits.write(folder / name, digits.samples(20, 60, 7, *SIZES))
    with pytest.raises(UserError, match="the data set was changed during the run"):
        stochastic.open()
    config(folder).open()


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((12, 64), r"train.h5: wrong number of classes\n +got: +10\n +expected: +12"),
        ((10, 60), r"train.h5: unit out of range, spike \d+ of sample \d+\n(.|\n)*0 to 59"),
    ],
)
def test_what_exceeds_the_declared_sizes_is_refused(folder, sizes, said):
    with pytest.raises(UserError, match=rf"{said}(.|\n)*data.n_classes and data.n_channels"):
        open_dataset("own", folder=folder, sizes=sizes)


def test_a_missing_file_or_folder_is_one_message(folder):
    (folder / "test.h5").unlink()
    for folder_given in (folder, None, "", folder / "none"):
        with pytest.raises(UserError, match=r"two files(.|\n)*train.h5 and test.h5"):
            open_dataset("own", folder=folder_given)
        with pytest.raises(UserError, match=r"two files(.|\n)*train.h5 and test.h5"):
            source("own", folder=folder_given).digest()
