"""Training in chunks: the same bits after a kill, a clear end at NaN."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.engine.errors import UserError
from experiments.training import checkpoint, loop
from experiments.training.checkpoint import checkpointed
from experiments.training.loop import train
from experiments.training.optimisers import optimiser

REPOSITORY = Path(__file__).resolve().parents[3]
KEY = jax.random.key(0)


def step(state, epoch):
    """A noisy descent whose noise follows from the epoch."""
    noise = jax.random.normal(jax.random.fold_in(KEY, epoch), state["w"].shape)
    w = state["w"] - 0.1 * (state["w"] + 0.1 * noise)
    return {"w": w}, {"loss": jnp.sum(w**2)}


def run(n_epochs=10, chunk=4, step=step):
    state, metrics, seen = train(
        step,
        {"w": jnp.arange(3.0)},
        n_epochs,
        chunk=chunk,
        observe=lambda state: {"w": state["w"]},
        watch="loss",
        settings="learning_rate=0.1",
    )
    return np.asarray(state["w"]), metrics["loss"], seen["w"]


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_chunks_do_not_change_what_is_computed():
    final, loss, seen = run(chunk=4)
    assert loss.shape == (10,) and seen.shape == (4, 3)
    assert same((final, loss), run(chunk=10)[:2])
    assert np.array_equal(seen[-1], final) and np.array_equal(seen[0], [0.0, 1.0, 2.0])


def test_an_interrupted_training_goes_on_to_the_same_bits(tmp_path, monkeypatch):
    save = loop._save

    def save_and_stop(*arguments):
        save(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "_save", save_and_stop)
    with pytest.raises(KeyboardInterrupt), checkpointed(tmp_path, ["a"]):
        run()
    monkeypatch.undo()
    with checkpointed(tmp_path, ["a"]):
        assert checkpoint.load()
        resumed = run()
    assert same(resumed, run())
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.parametrize("loss", [jnp.nan, jnp.inf, 1e6])
def test_a_diverging_training_names_the_epoch_and_the_settings(loss):
    def explodes(state, epoch):
        state, metrics = step(state, epoch)
        return state, {"loss": jnp.where(epoch == 6, loss, metrics["loss"])}

    with pytest.raises(UserError, match="epoch 7") as caught:
        run(step=explodes)
    assert "learning_rate=0.1" in str(caught.value)


def test_weights_that_are_not_finite_are_seen_behind_a_finite_loss():
    def hides(state, epoch):
        return {"w": state["w"] / jnp.where(epoch == 2, 0.0, 1.0)}, {"loss": jnp.array(1.0)}

    with pytest.raises(UserError, match="epoch 4"):
        run(step=hides)


SMALL = """
import sys, jax, numpy as np
jax.config.update("jax_threefry_partitionable", True)
jax.config.update("jax_disable_most_optimizations", True)
from pathlib import Path
from experiments.training.checkpoint import checkpointed
from experiments.spike_timing.spike_matching import SpikeMatching
config = SpikeMatching(n_inputs=20, n_hidden=20, n_outputs=12, n_steps=16, n_epochs=60, chunk=2,
    n_trials=2, optimiser="adam", learning_rates=[1e-3, 1e-3], learning="gradient", seeds=[0, 1])
with checkpointed(Path(sys.argv[1]), ["key"]):
    results = config.compute_many([0, 1])
np.savez(sys.argv[2], **{f"{i}/{k}": v for i, r in enumerate(results) for k, v in r.items()})
"""


def spawn(folder: Path, result: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", SMALL, str(folder), str(result)],
        cwd=REPOSITORY,
        env={**os.environ, "JAX_PLATFORMS": "cpu", "JAX_COMPILATION_CACHE_DIR": f"{folder}/../xla"},
    )


def test_sigkill_and_resume_end_with_the_same_network(tmp_path):
    """Two seeds at once, an optimiser with a state of its own, killed twice at checkpoints."""
    whole, resumed = tmp_path / "whole.npz", tmp_path / "resumed.npz"
    assert spawn(tmp_path / "a", whole).wait() == 0
    checkpoints = tmp_path / "b" / "checkpoints"
    for _ in range(2):
        process = spawn(tmp_path / "b", resumed)
        before = {p.stat().st_mtime_ns for p in checkpoints.glob("[!.]*.npz")}
        while process.poll() is None:
            if {p.stat().st_mtime_ns for p in checkpoints.glob("[!.]*.npz")} - before:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.002)
        assert process.wait() == -signal.SIGKILL
    assert not resumed.exists()
    assert spawn(tmp_path / "b", resumed).wait() == 0
    with np.load(whole) as a, np.load(resumed) as b:
        assert a.files == b.files
        assert all(np.array_equal(a[name], b[name], equal_nan=True) for name in a.files)
    assert not list(checkpoints.glob("*"))


@pytest.mark.parametrize("name", ["chain", "lbfgs", "constant_schedule", "adamm", "__doc__", ""])
def test_what_is_no_optimiser_is_refused_with_another_name(name):
    with pytest.raises(UserError, match="no such optimiser") as refused:
        optimiser(name, 0.1)
    assert refused.value.fix.partition("=")[2] not in ("", name)
