"""Training of the classifier, killed and resumed, ends with the same bits."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]

# Arguments: where the cache is, and where results go: that of a training which resumes, on so many
# threads, and that of an undisturbed one on two.
TRAINING = """
import sys, jax, numpy as np
from pathlib import Path
from experiments.engine.checkpoint import checkpointed
from experiments.training.loop import train_epochs
from experiments.speech import batches
from tests.experiments.speech.test_classification import small, trainer_of
def train(path, n_workers):
    batches.n_workers = lambda: n_workers
    trainer, start = trainer_of(small(n_epochs=4))
    state, metrics = train_epochs(trainer.epoch, start, 4)
    np.savez(path, *jax.tree.leaves(state), **metrics)
with checkpointed(Path(sys.argv[1]), ["key"]):
    train(sys.argv[2], int(sys.argv[4]))
train(sys.argv[3], 2)
"""


def spawn(folder: Path, resumed: Path, whole: Path, n_workers: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", TRAINING, *map(str, (folder, resumed, whole, n_workers))],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "JAX_PLATFORMS": "cpu",
            "JAX_COMPILATION_CACHE_DIR": f"{folder}/xla",
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        },
    )


def test_sigkill_and_resume_end_with_the_same_weights(tmp_path):
    """Single precision, noise, and an optimiser with a memory; on another number of threads."""
    whole, resumed = tmp_path / "whole.npz", tmp_path / "resumed.npz"
    checkpoints = tmp_path / "checkpoints"
    process = spawn(tmp_path, resumed, whole, 2)
    while process.poll() is None and not list(checkpoints.glob("[!.]*.npz")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    (checkpoint,) = checkpoints.glob("[!.]*.npz")
    with np.load(checkpoint) as file:
        assert 1 <= file["done"] < 4
    assert not resumed.exists()
    assert spawn(tmp_path, resumed, whole, 1).wait() == 0
    with np.load(whole) as a, np.load(resumed) as b:
        assert a.files == b.files
        assert all(np.array_equal(a[name], b[name]) for name in a.files)
        assert a["train_loss"].shape == (4,) and a["train_loss"][0] != a["train_loss"][3]
    assert not list(checkpoints.glob("*"))
