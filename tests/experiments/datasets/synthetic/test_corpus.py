"""Corpora: the same bits again, whoever computes them, and after a kill."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import h5py
import numpy as np
import pytest
from joblib.externals.loky import ProcessPoolExecutor as LokyExecutor

from experiments.datasets import load, synthetic
from experiments.datasets.synthetic.plan import CLASS_NAMES, Utterance, utterances
from experiments.datasets.synthetic.synthesis import say_all

ROOT = Path(__file__).parents[4]
SMALL = {"n_train": 4, "n_test": 2}
"""Fewer utterances than are offered."""

GENERATE = f"""
import sys
from experiments.datasets import synthetic
from experiments.engine.errors import log_to_stderr
if __name__ == "__main__":
    log_to_stderr()
    settings = synthetic.CorpusSettings()
    vars(settings).update({SMALL})
    synthetic.generate(settings, sys.argv[1], int(sys.argv[2]))
"""

SETTINGS = synthetic.CorpusSettings()
vars(SETTINGS).update(SMALL)


def cache(folder, tables):
    """A cache of corpora that has the tables of the ear already."""
    folder.mkdir()
    (folder / tables.name).symlink_to(tables)
    return folder


@pytest.fixture(scope="module")
def corpus(tables, tmp_path_factory):
    """A corpus of two workers, started by a process of loky's, as by `make figures`."""
    folder = cache(tmp_path_factory.mktemp("corpus") / "cache", tables)
    with LokyExecutor(1) as pool:
        return pool.submit(synthetic.generate, SETTINGS, folder, 2).result(timeout=600)


def start(folder, workers):
    """Generate in another process."""
    script = folder.with_name("generate.py")
    script.write_text(GENERATE)
    command = [sys.executable, str(script), str(folder), str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def test_one_worker_gives_the_same_bits_and_none_outlives_a_kill(corpus, tables, tmp_path):
    folder = cache(tmp_path / "cache", tables)
    process = start(folder, 1)
    assert process.stderr.readline().startswith("speech: 6 synthetic utterances")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not children.read_text():
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1)
    process.kill()
    # The pipe of stderr stays open until the worker has ended, too.
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert not list((folder / SETTINGS.digest).glob("*.h5"))

    process = start(folder, 1)
    output = process.communicate(timeout=600)[1]
    assert process.returncode == 0, output
    for path in corpus:
        assert (folder / SETTINGS.digest / path.name).read_bytes() == path.read_bytes()


def test_a_finished_corpus_is_found_and_not_generated(corpus, monkeypatch):
    monkeypatch.setattr(
        "experiments.datasets.synthetic.corpus.require", lambda: pytest.fail("generates again")
    )
    folder = corpus[0].parents[1]
    assert synthetic.generate(SETTINGS, folder) == corpus


def test_files_have_the_schema(corpus):
    """As `load` demands, in the types of the published files."""
    spoken = utterances(SETTINGS)
    for path, part in zip(corpus, (spoken[:4], spoken[4:]), strict=True):
        events = load(path)
        assert list(events.labels) == [u.label for u in part]
        assert events.classes == synthetic.CLASS_NAMES
        with h5py.File(path) as file:
            assert file["labels"].dtype == file["spikes/units"][0].dtype == np.uint16
            assert file["spikes/times"][0].dtype == np.float16
            assert list(file["extra/speaker"]) == [u.speaker for u in part]
            about = file["extra/meta_info/description"][()].decode()
        assert "stand-in" in about and "Synthetic" in about


def test_statistics_are_those_of_speech(corpus):
    train, test = map(load, corpus)
    spikes = np.concatenate([np.diff(events.offsets) for events in (train, test)])
    ends = np.concatenate([events.times[events.offsets[1:] - 1] for events in (train, test)])
    assert 5000 < spikes.mean() < 8000
    assert 11 < np.mean(spikes / ends) / train.n_channels < 17, "Hz"
    assert 0.55 < ends.mean() < 0.8 and ends.max() < 1.024, "seconds"
    # All of the channels spike in a dozen utterances.
    assert 690 < np.unique(np.concatenate([train.units, test.units])).size <= 700


def test_another_seed_says_it_otherwise(tables):
    """Same speaker, same word, here a German one: the seed decides the prosody."""
    spoken = [Utterance(0, CLASS_NAMES.index("null"), speaker=1)]
    # eSpeak remembers what it has said: a process for each.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        (one,), (other,) = pool.map(say_all, [spoken, spoken], [0, 1])
    assert spoken[0].language == "de" and not np.array_equal(one, other)
