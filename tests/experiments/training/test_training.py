"""Training in chunks: the same bits after a kill, a clear end at NaN."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.engine.cache import read_arrays
from experiments.engine.checkpoint import checkpointed, load_checkpoint
from experiments.engine.errors import UserError
from experiments.training import loop
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
    state, metrics, observed = train(
        step,
        {"w": jnp.arange(3.0)},
        n_epochs,
        chunk=chunk,
        observe=lambda state: {"w": state["w"]},
        watch="loss",
        settings="learning_rate=0.1",
    )
    return np.asarray(state["w"]), metrics["loss"], observed["w"]


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_chunks_do_not_change_what_is_computed():
    final, loss, observed = run(chunk=4)
    assert loss.shape == (10,) and observed.shape == (4, 3)
    assert same((final, loss), run(chunk=10)[:2])
    assert np.array_equal(observed[-1], final) and np.array_equal(observed[0], [0.0, 1.0, 2.0])


@pytest.fixture(scope="module")
def undisturbed():
    return run()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The first checkpoint of a training, of 4 epochs, after which it was stopped."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(loop, "_save", save_and_stop)
        with checkpointed(folder, "a"):
            run()
    (path,) = folder.rglob("*.npz")
    return path


@pytest.fixture
def interrupted(first, tmp_path):
    """A folder of one's own with it."""
    shutil.copytree(first.parent, tmp_path / "checkpoints")
    return tmp_path


def save_and_stop(*arguments, save=loop._save):
    save(*arguments)
    raise KeyboardInterrupt


@pytest.mark.parametrize("then", ["it ends", "it is stopped again", "its checkpoint is damaged"])
def test_an_interrupted_training_goes_on_to_the_same_bits(
    interrupted, undisturbed, monkeypatch, then
):
    (path,) = interrupted.rglob("*.npz")
    if then == "its checkpoint is damaged":
        path.write_bytes(path.read_bytes()[:200])
    if then == "it is stopped again":
        with (
            monkeypatch.context() as patch,
            pytest.raises(KeyboardInterrupt),
            checkpointed(interrupted, "a"),
        ):
            patch.setattr(loop, "_save", save_and_stop)
            run()
    with checkpointed(interrupted, "a"):
        assert same(run(), undisturbed)
    assert not list(interrupted.rglob("*.npz"))


def test_a_damaged_checkpoint_is_told_and_none(interrupted, caplog):
    (path,) = interrupted.rglob("*.npz")
    content = path.read_bytes()
    at = content.index(read_arrays(path)["state/0"].tobytes())
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert_from_the_beginning(interrupted, caplog)


def resume(folder):
    with checkpointed(folder, "a"):
        return loop._resume({"w": jnp.arange(3.0)}, 10)


def assert_from_the_beginning(folder, caplog):
    done, state, metrics, _ = resume(folder)
    assert done == 0 and metrics == [] and np.array_equal(state["w"], [0, 1, 2])
    (line,) = caplog.messages
    assert "is damaged" in line and "from the beginning" in line


def test_a_checkpoint_that_fits_is_gone_on_from(interrupted, undisturbed, caplog):
    caplog.set_level("INFO")
    done, state, (metrics,), observed = resume(interrupted)
    assert caplog.messages == ["goes on after 4 of 10"]
    assert done == 4 and np.array_equal(metrics["loss"], undisturbed[1][:4])
    assert np.array_equal(state["w"], undisturbed[2][1]) and len(observed) == 2


def test_a_checkpoint_belongs_to_one_result(interrupted):
    with checkpointed(interrupted, "b"):
        assert load_checkpoint(10) == {}
    with checkpointed(interrupted, "a"):
        assert load_checkpoint(10)["done"] == 4


@pytest.mark.parametrize("loss", [jnp.nan, jnp.inf, 1e6])
def test_a_diverging_training_names_the_epoch_and_the_settings(loss):
    def explodes(state, epoch):
        state, metrics = step(state, epoch)
        return state, {"loss": jnp.where(epoch == 6, loss, metrics["loss"])}

    with pytest.raises(UserError, match="epoch 7") as caught:
        run(step=explodes)
    assert "learning_rate=0.1" in str(caught.value)


def test_what_rises_slowly_has_exploded_beside_its_first_value():
    """Twenty times from one chunk to the next."""

    def rises(state, epoch):
        return step(state, epoch)[0], {"loss": 20.0 ** (epoch // 4)}

    with pytest.raises(UserError, match="epoch 9(.|\n)*below 100"):
        run(n_epochs=12, step=rises)


def test_weights_that_are_not_finite_are_seen_behind_a_finite_loss():
    def hides(state, epoch):
        return {"w": state["w"] / jnp.where(epoch == 2, 0.0, 1.0)}, {"loss": jnp.array(1.0)}

    with pytest.raises(UserError, match="epoch 4"):
        run(step=hides)


@pytest.mark.parametrize("broken", ["first", "last"])
def test_one_leaf_that_is_not_finite_is_seen_among_finite_ones(broken):
    """As an optimiser's moment, beside weights that are still finite."""

    def hides(state, epoch):
        return state | {broken: state[broken] / jnp.where(epoch == 2, 0.0, 1.0)}, {"loss": 1.0}

    start = {"first": jnp.ones(3), "last": jnp.ones(2)}
    with pytest.raises(UserError, match="epoch 4"):
        train(hides, start, 10, chunk=4, observe=lambda _: {}, watch="loss", settings="none")


SMALL = """
import sys, jax, numpy as np
jax.config.update("jax_threefry_partitionable", True)
from pathlib import Path
from experiments.engine.checkpoint import checkpointed
from experiments.engine.errors import log_to_stderr
from experiments.spike_timing.spike_matching import SpikeMatching
config = SpikeMatching(n_inputs=20, n_hidden=20, n_outputs=12, n_steps=16, n_epochs=60, chunk=2,
    n_trials=2, optimiser="adam", learning_rates=[1e-3, 1e-3], learning="gradient", seeds=[0, 1])
log_to_stderr()
def compute(path):
    results = config.compute_many([0, 1])
    np.savez(path, **{f"{i}/{k}": v for i, r in enumerate(results) for k, v in r.items()})
with checkpointed(Path("."), ["key"]):
    compute("resumed.npz")
compute("whole.npz")
"""


def test_sigkill_and_resume_end_with_the_same_network(tmp_path):
    """Two seeds at once, an optimiser with a state of its own, killed at a checkpoint."""
    # The first process compiles for both.
    compiled = {
        "JAX_COMPILATION_CACHE_DIR": "xla",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    environment = {**os.environ, **compiled, "PYTHONPATH": str(REPOSITORY)}
    command, checkpoints = [sys.executable, "-c", SMALL], tmp_path / "checkpoints"
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    while process.poll() is None and not list(checkpoints.glob("[!.]*.npz")):
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL and list(checkpoints.glob("[!.]*.npz"))
    assert not (tmp_path / "resumed.npz").exists()
    again = subprocess.run(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert again.returncode == 0 and "goes on after" in again.stderr, again.stderr
    whole, resumed = read_arrays(tmp_path / "whole.npz"), read_arrays(tmp_path / "resumed.npz")
    assert whole.keys() == resumed.keys()
    assert all(np.array_equal(whole[name], resumed[name], equal_nan=True) for name in whole)
    # What the killed process was just writing lies there, under a name that begins with a dot.
    assert not list(checkpoints.glob("[!.]*"))


@pytest.mark.parametrize("name", ["chain", "lbfgs", "constant_schedule", "adamm", "__doc__", ""])
def test_what_is_no_optimiser_is_refused_with_another_name(name):
    with pytest.raises(UserError, match="no such optimiser") as refused:
        optimiser(name, 0.1)
    assert refused.value.fix.partition("=")[2] not in ("", name)
