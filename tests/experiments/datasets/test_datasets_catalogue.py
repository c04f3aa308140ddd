"""The data sets by name: generated, given, refused; the test set waits until it is asked for."""

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pooch
import pytest

from experiments.datasets import catalogue, open_dataset, source, synthetic
from experiments.datasets.splits import shuffled
from experiments.engine.errors import UserError
from tests.experiments.datasets import digits


@pytest.fixture
def speech(monkeypatch, tmp_path):
    """A generator that writes small files and counts how often it is asked."""
    calls = []

    class CorpusSettings:
        def __init__(self, n_train=30, n_test=10, seed=0):
            self.sizes, self.seed = (n_train, n_test), seed
            self.digest = f"{n_train}-{n_test}-{seed}"

    def generate(settings, folder):
        home = folder / settings.digest
        home.mkdir(parents=True)
        calls.append(home)
        paths = home / "train.h5", home / "test.h5"
        for path, n in zip(paths, settings.sizes, strict=True):
            digits.write(path, digits.samples(n))
        return paths

    monkeypatch.setattr(synthetic, "CorpusSettings", CorpusSettings)
    monkeypatch.setattr(synthetic, "generate", generate)
    monkeypatch.setattr(catalogue, "SPEECH_CACHE", tmp_path / "cache")
    return calls


def test_speech_is_generated_into_a_folder_named_by_its_settings(speech, tmp_path):
    data = open_dataset("speech", n_train=50, seed=3)
    assert speech == [tmp_path / "cache" / "50-10-3"]
    assert source("speech", n_train=50, seed=3).digest() == "50-10-3"
    assert (len(data.train), len(data.test)) == (50, 10)
    assert "Heidelberg" not in data.title and data.title.endswith("50 training utterances")
    open_dataset("speech", folder=tmp_path / "mine")
    assert speech[1] == tmp_path / "mine" / "30-10-0"


def test_speech_is_kept_outside_of_the_repository_for_all_checkouts():
    root = Path(catalogue.__file__).parents[2]
    assert not catalogue.SPEECH_CACHE.is_relative_to(root)
    assert catalogue.SPEECH_CACHE.parent == Path(pooch.os_cache("snn-surrogate"))


def test_a_bad_test_file_is_found_before_training(speech, monkeypatch):
    wrong = digits.samples(10)
    wrong["extra/keys"] = ["another", *wrong["extra/keys"][1:]]
    generate = synthetic.generate

    def spoil(settings, folder):
        train, test = generate(settings, folder)
        return train, digits.write(test, wrong)

    monkeypatch.setattr(synthetic, "generate", spoil)
    with pytest.raises(UserError, match=r"have different classes(.|\n)*generated anew"):
        open_dataset("speech")


def test_a_published_set_of_other_sizes_is_one_class(monkeypatch, tmp_path):
    md5, sizes = {}, (10, 64)
    for name, n in (("new_train", 30), ("new_test", 12)):
        path = digits.write(tmp_path / f"{name}.h5", digits.samples(n, 60, 0, *sizes))
        md5[f"{path.name}.zip"] = pooch.file_hash(str(digits.zipped(path)), "md5")

    class New(catalogue.Published):
        TITLE, NAME, MD5, N_SAMPLES, SIZES = "New Words", "new", md5, (30, 12), sizes

    monkeypatch.setitem(catalogue.CATALOGUE, "new", New)
    data = open_dataset("new", folder=tmp_path, n_train=20)
    assert data.title == "New Words, 20 training utterances"
    assert (len(data.train), len(data.test)) == (20, 12)
    chosen = np.sort(shuffled(30, 0)[:20])
    np.testing.assert_array_equal(data.train.labels, (chosen % 10).astype(np.int32))
    assert source("new").digest() != source("shd").digest()
    too_many = source("new", folder=tmp_path, n_train=31)
    for use in (too_many.check, too_many.open):
        with pytest.raises(UserError, match=r"n_train=31(.|\n)*1 to 30"):
            use()
    with pytest.raises(UserError, match=r"New Words: the set has other numbers(.|\n)*10 and 64"):
        source("new", sizes=(20, 64))


def speakers(path):
    """Speakers in a zipped file."""
    with zipfile.ZipFile(path) as archive, h5py.File(archive.open(*archive.namelist())) as file:
        return set(file["extra/speaker"][:])


def test_the_fixture_is_balanced_and_keeps_two_speakers_for_the_test():
    data = open_dataset("fixture")
    assert 180 <= len(data.train) + len(data.test) <= 220
    for events in (data.train, data.test):
        counts = np.bincount(events.labels, minlength=20)
        assert counts.min() == counts.max() > 0
    train, test = (speakers(path) for path in catalogue.FIXTURE)
    assert len(test - train) == 2
    # Enough in each sample, and not too much, to be speech through 700 channels.
    per_sample = np.diff(data.train.offsets)
    assert 4_000 < per_sample.mean() < 11_000 and per_sample.min() > 1_000
    assert data.train.classes[:2] == ("zero", "one") and data.train.classes[10] == "null"
    assert "Heidelberg" not in data.title and sum(p.stat().st_size for p in catalogue.FIXTURE) < 4e6
    with pytest.raises(UserError, match="leave data.folder out"):
        source("fixture", folder="mine").check()


def test_another_name_is_refused_with_the_nearest():
    with pytest.raises(UserError, match=r"fixture, speech, shd(.|\n)*data=speech"):
        open_dataset("speach")
