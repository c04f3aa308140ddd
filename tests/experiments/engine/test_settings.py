"""What the environment says to JAX and XLA: set by the run, or in the key."""

import os

import jax
import pytest
from toylab.signals.wave import Wave

from experiments.engine import jax_setup as speed
from experiments.engine.cache import cache_key
from experiments.engine.config import Runtime
from experiments.engine.jax_setup import (
    BY_RUN,
    DECIDED,
    activate,
    counting,
    counts,
)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """As in a user's shell: tests set flags of their own."""
    for name in list(os.environ):
        if name.startswith(("JAX_", "XLA_")):
            monkeypatch.delenv(name)


def key():
    return cache_key(Wave(), None, "s", Runtime(), counting())


def test_each_setting_of_jax_is_set_by_the_run_or_in_the_key(monkeypatch):
    """One of a later version, which nobody knows, is in the key."""
    before = key()
    for name in (*jax.config.values, "jax_of_a_later_version"):
        with monkeypatch.context() as changed:
            changed.setenv(name.upper(), "7")
            assert (key() != before) is (name not in BY_RUN), name


OTHERS = {
    "jax_threefry_partitionable": False,
    "jax_default_prng_impl": "rbg",
    "jax_random_seed_offset": 7,
    "jax_disable_most_optimizations": True,
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_run_decides_what_it_says_it_decides(name):
    assert OTHERS.keys() == DECIDED.keys()
    before, other = jax.config.values[name], OTHERS[name]
    jax.config.update(name, other)
    try:
        activate(Runtime())
        assert jax.config.values[name] == DECIDED[name] != other
    finally:
        jax.config.update(name, before)


def test_xlas_flags_are_in_the_key_without_our_own(monkeypatch):
    plain = key()
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    fast = key()
    activate(Runtime())
    assert key() == fast != plain
    assert counting() == {"XLA_FLAGS": "--xla_cpu_enable_fast_math=true"}
    monkeypatch.setenv("XLA_FLAGS", f" {speed.BRIEFLY} ")
    assert key() == plain
    monkeypatch.setenv("XLA_FLAGS", "")
    assert key() == plain


def test_what_is_not_of_jax_computes_nothing_anew():
    assert counts("XLA_FLAGS") and counts("JAX_DISABLE_JIT") and counts("NVIDIA_TF32_OVERRIDE")
    assert not counts("HOME") and not counts("PATH") and not counts("JAX_PLATFORMS")
