"""Sums spike by spike: batches, silence, and how they are compiled; values: test_connections.py."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn import event_driven as compiled
from snn.connections import Conv1d
from snn.event_driven import event_driven
from tests.snn.compiler import needs_compiler

CONV = Conv1d(5, padding=2)


def numbers():
    """Weights, four lines of spikes, and cotangents."""
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(4, 21, 16)) < 0.1
    w, cotangent = rng.normal(size=(5, 16, 16)), rng.normal(size=x.shape)
    return jnp.asarray(w), jnp.asarray(x, float), jnp.asarray(cotangent)


@needs_compiler
def test_a_trial_is_the_same_by_vmap_and_alone():
    w, x, cotangent = numbers()

    def reverse(x, cotangent):
        return jax.vjp(lambda w, x: event_driven(CONV, w)(x), w, x)[1](cotangent)

    together = jax.jit(jax.vmap(reverse))(x, cotangent)
    for trial in range(len(x)):
        for a, b in zip(together, reverse(x[trial], cotangent[trial]), strict=True):
            np.testing.assert_allclose(a[trial], b, atol=1e-13)


@needs_compiler
def test_weights_that_no_spike_meets_are_not_read():
    """Infinity times 0 would be no number."""
    w, x, _ = numbers()
    silent, infinite = x.at[..., 3].set(0.0), w.at[:, 3].set(jnp.inf)
    y = event_driven(CONV, infinite)(silent)
    np.testing.assert_array_equal(y, event_driven(CONV, w)(silent))
    assert y.any() and np.isnan(CONV(infinite, silent)).any()


@pytest.fixture
def cache_home(tmp_path, monkeypatch):
    """An empty cache folder, and no compiler named."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path / "snn-surrogate"


@needs_compiler
def test_it_is_compiled_once_for_each_source(cache_home, tmp_path, monkeypatch):
    first = compiled._compiled()
    assert list(cache_home.iterdir()) == [first]
    written = first.stat().st_mtime_ns
    assert compiled._compiled() == first and first.stat().st_mtime_ns == written
    # A source that cannot be compiled leaves nothing behind.
    wrong = tmp_path / "wrong.cc"
    wrong.write_text(compiled.SOURCE.read_text() + "this is not C++")
    monkeypatch.setattr(compiled, "SOURCE", wrong)
    with pytest.raises(RuntimeError, match=r"(?s)failed, expected .*Name one in CXX.*wrong.cc"):
        compiled._compiled()
    assert list(cache_home.iterdir()) == [first]


def test_a_missing_compiler_is_named(cache_home, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match=r"none of c\+\+, g\+\+, clang\+\+, expected .*Install"):
        compiled._compiled()
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(RuntimeError, match="none of no-such-compiler, expected"):
        compiled._compiled()


@needs_compiler
def test_a_cache_that_cannot_be_written_to_is_named(cache_home, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    compiled.load.cache_clear()
    with pytest.raises(RuntimeError, match="Set XDG_CACHE_HOME to a folder"):
        compiled.load()


def test_other_machines_are_refused(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    compiled.load.cache_clear()
    with pytest.raises(RuntimeError, match="got JAX on gpu, expected a CPU"):
        event_driven(CONV, jnp.ones((5, 2, 2)))


@needs_compiler
def test_other_precisions_are_refused():
    with pytest.raises(TypeError, match="got weights of float16, expected float32 or float64"):
        event_driven(CONV, jnp.ones((5, 2, 2), jnp.float16))
