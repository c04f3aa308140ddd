"""Event-driven sums: values, batches, silence, and how they are compiled."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.speech import event_driven as sums
from snn.connections import Conv1d, MatrixProducts
from snn.surrogate import SuperSpike
from tests.experiments.speech.compiler import needs_compiler
from tests.snn.convolutions import CASES, agree_with_the_library
from tests.snn.test_convolutional_gradient import gradient, problem, relative_errors

CONV = Conv1d(5, padding=2)
event_driven = sums.EventDriven()


def numbers():
    """Weights, four lines of spikes, and cotangents."""
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(4, 21, 16)) < 0.1
    w, cotangent = rng.normal(size=(5, 16, 16)), rng.normal(size=x.shape)
    return jnp.asarray(w), jnp.asarray(x, float), jnp.asarray(cotangent)


@needs_compiler
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_values_and_gradients_are_those_of_the_library(case):
    """In single precision, too, where there are whole vectors, which then are twice as wide."""
    agree_with_the_library(event_driven, case, jnp.float64, 1e-12)
    *_, channels_in, channels_out = case
    if max(channels_in, channels_out) >= 16:
        agree_with_the_library(event_driven, case, jnp.float32, 1e-4)


@needs_compiler
def test_a_trial_is_the_same_by_vmap_and_alone():
    w, x, cotangent = numbers()
    weights = jnp.stack([w, 2 * w, -w, w[::-1]])

    def reverse(w, x, cotangent):
        return jax.vjp(lambda w, x: event_driven(CONV, w)(x), w, x)[1](cotangent)

    for ws, axis in ((w, None), (weights, 0)):
        together = jax.jit(jax.vmap(reverse, (axis, 0, 0)))(ws, x, cotangent)
        for trial in range(len(x)):
            alone = reverse(w if axis is None else ws[trial], x[trial], cotangent[trial])
            for a, b in zip(together, alone, strict=True):
                np.testing.assert_allclose(a[trial], b, rtol=0, atol=1e-13)
    # Of no trials there is nothing to add up.
    by_w, by_x = reverse(w, x[:0], cotangent[:0])
    assert by_x.shape == (0, 21, 16) and not by_w.any()


@needs_compiler
def test_inputs_in_another_precision_are_taken_as_by_a_matrix_product():
    w, x, _ = numbers()
    for a, b in ((w, x), (w.astype(jnp.float32), x), (w, x.astype(jnp.float32))):
        assert event_driven(CONV, a)(b).dtype == MatrixProducts()(CONV, a)(b).dtype == jnp.float64


@needs_compiler
def test_weights_that_no_spike_meets_are_not_read():
    """Infinity times 0 would be no number."""
    w, x, _ = numbers()
    silent, infinite = x.at[..., 3].set(0.0), w.at[:, 3].set(jnp.inf)
    y = event_driven(CONV, infinite)(silent)
    np.testing.assert_array_equal(y, event_driven(CONV, w)(silent))
    assert y.any() and np.isnan(MatrixProducts()(CONV, infinite)(silent)).any()


@needs_compiler
def test_gradients_of_the_published_layers_are_those_of_matrix_products():
    """The lower two, in single precision; the wrong variant has another slope."""
    sums.load()
    jax.config.update("jax_enable_x64", False)
    by_matrices = snn.ConvLIFNetwork(filters=(16, 32), kernels=(21, 7), strides=(10, 3))
    by_events = replace(by_matrices, convolve=event_driven)
    params, x = problem(by_matrices, 15.8, 80, 0.03)
    usual = gradient(by_matrices, params, x, snn.sample)
    assert max(relative_errors(gradient(by_events, params, x, snn.sample), usual).values()) < 1e-5
    wrong = gradient(by_events, params, x, snn.sample, SuperSpike(9.0))
    del wrong["w 2"]  # no spike lies between readout weights and loss
    assert min(relative_errors(usual, wrong).values()) > 1e-3


@pytest.fixture
def cache_home(tmp_path, monkeypatch):
    """An empty cache folder, and no compiler named."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    return tmp_path / "snn-surrogate" / "compiled"


@needs_compiler
def test_it_is_compiled_once_for_each_source(cache_home, tmp_path, monkeypatch):
    monkeypatch.setattr(sums, "FLAGS", ("-std=c++17", "-O0", "-shared", "-fPIC"))
    first = sums.compiled()
    assert list(cache_home.iterdir()) == [first]
    written = first.stat().st_mtime_ns
    assert sums.compiled() == first and first.stat().st_mtime_ns == written
    # A source that cannot be compiled leaves nothing behind.
    wrong = tmp_path / "wrong.cc"
    wrong.write_text("this is not C++")
    monkeypatch.setattr(sums, "SOURCE", wrong)
    with pytest.raises(RuntimeError, match=r"(?s)failed, expected .*Name one in CXX.*wrong.cc"):
        sums.compiled()
    assert list(cache_home.iterdir()) == [first]


def compiling(macros):
    """A compiler that tells macros, and writes a library of one word."""

    def run(*command):
        Path(command[-1]).write_text("library")
        return macros

    return run


IDENTITY = {
    "jaxlib": ("version", lambda name: "0.0.1"),
    "flags": ("FLAGS", ("-O0",)),
    "source": ("SOURCE", Path(__file__)),
    "machine": ("_run", compiling("other macros")),
}


@pytest.mark.parametrize("changed", IDENTITY)
def test_a_library_is_for_one_jaxlib_machine_and_source(cache_home, monkeypatch, changed):
    monkeypatch.setattr(sums, "compiler", lambda: ["c++"])
    monkeypatch.setattr(sums, "_run", compiling("macros"))
    first = sums.compiled()
    assert sums.compiled() == first
    monkeypatch.setattr(sums, *IDENTITY[changed])
    assert sums.compiled() != first


NONE = r"none of c\+\+, g\+\+, clang\+\+, expected"
COMPILERS = {
    "none": ("", NONE),
    "blank": (" ", NONE),
    "not there": ("no-such-compiler", "none of no-such-compiler, expected"),
    "writes no UTF-8": ("{folder}/odd++", r"odd\+\+ .* failed, expected a compiler"),
    "no program": ("{folder}/none++", r"none\+\+ .* failed, expected a compiler"),
}


@pytest.mark.parametrize(("named", "message"), COMPILERS.values(), ids=COMPILERS)
def test_a_compiler_that_fails_is_named(cache_home, tmp_path, monkeypatch, named, message):
    for name, text in (
        ("odd++", "#!/bin/sh\nprintf '\\377' >&2\nexit 1\n"),
        ("none++", "no program"),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o700)
    monkeypatch.setenv("CXX", named.format(folder=tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sums, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match=message):
        sums.compiled()


def test_a_compiler_may_be_a_python_package(cache_home, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (tmp_path / "ziglang").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert sums.compiler() == [sys.executable, "-m", "ziglang", "c++"]
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert sums.compiler() is None


def test_a_damaged_library_is_compiled_anew(cache_home, monkeypatch):
    monkeypatch.setattr(sums, "compiler", lambda: ["c++"])
    monkeypatch.setattr(sums, "_run", compiling("macros"))
    path = sums.compiled()
    whole, written = path.read_bytes(), path.stat().st_mtime_ns
    assert sums.compiled() == path and path.stat().st_mtime_ns == written
    path.write_bytes(whole[:-1])
    assert sums.compiled() == path and path.read_bytes() == whole
    path.rename(path.with_name(path.name.replace(path.stem[-16:], "0" * 16)))
    assert sums.compiled() == path


def test_the_cache_folder_is_trusted_as_the_description_says(cache_home, monkeypatch):
    monkeypatch.setattr(sums, "compiler", lambda: ["c++"])
    monkeypatch.setattr(sums, "_run", compiling("macros"))
    path = sums.compiled()
    path.write_bytes(b"another library")
    path.chmod(0o666)
    stem = path.with_name(path.stem.rpartition("-")[0])
    planted = path.rename(sums._named_by_content(path, stem))
    assert sums.compiled() == planted != path
    words = " ".join(sums.__doc__.split())
    assert "The cache folder is trusted: a library that somebody puts there" in words


def test_other_machines_are_refused(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    sums.load.cache_clear()
    with pytest.raises(RuntimeError, match="got JAX on gpu, expected a CPU"):
        event_driven(CONV, jnp.ones((5, 2, 2)))


@needs_compiler
def test_other_shapes_and_types_are_refused():
    w, x, _ = numbers()
    for a, b in ((w[:3], x), (w[..., None], x), (w, x[..., :9]), (w, x[0, 0])):
        expected = f"weights of shape {a.shape}, an input of shape {b.shape}, expected (5, channel,"
        with pytest.raises(ValueError, match=re.escape(expected)):
            event_driven(CONV, a)(b)
    with pytest.raises(
        TypeError, match="weights of float16, an input of float16, expected float32"
    ):
        event_driven(CONV, w.astype("float16"))(x.astype("float16"))
