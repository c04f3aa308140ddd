"""Strict settings for every test; they must be in force before `snn` is first imported."""

import gc
import os
import sys
from importlib import import_module
from itertools import count
from pathlib import Path

os.environ["MPLBACKEND"] = "Agg"
import_module("tests.quick")

import jax  # noqa: E402
import pytest  # noqa: E402
from jax.experimental.compilation_cache import compilation_cache  # noqa: E402
from jaxtyping import install_import_hook  # noqa: E402

from experiments.engine.errors import LOGGER  # noqa: E402
from experiments.engine.jax_setup import FOR_LONG  # noqa: E402
from tests.slow import is_slow  # noqa: E402

SETTINGS = {
    "jax_enable_x64": True,
    "jax_numpy_rank_promotion": "raise",
    "jax_threefry_partitionable": True,
    "jax_disable_most_optimizations": True,
    "jax_xla_profile_version": 0,
}
for name, value in SETTINGS.items():
    jax.config.update(name, value)

# As tests/quick.py: what runs once or twice is compiled with few optimisations.
FOR_LONG.clear()

# Shapes and types of the core's functions are checked in tests only: the check costs time.
install_import_hook(["snn"], "beartype.beartype")

# What JAX traces is large and stays: at Python's own pace, looking through it for garbage takes a
# sixth of the time.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_modifyitems(items):
    """Mark slow tests, and start with them: two processes then end at about the same time."""
    for item in items:
        if is_slow(item.nodeid):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_sessionfinish():
    """Look for what was never closed; pytest and Python would look again, at all that JAX keeps."""
    gc.collect()
    gc.freeze()


MAPS = Path("/proc/self/maps")


@pytest.fixture(autouse=True, scope="module")
def room_for_compiled_code():
    """Let go of compiled code before the process has as many memory maps as Linux allows."""
    yield
    if MAPS.is_file() and MAPS.read_text().count("\n") > 45_000:  # of 65 530
        jax.clear_caches()


@pytest.fixture(autouse=True, scope="module")
def figures_are_closed():
    """Let go of pictures, of which Matplotlib keeps all, and warns of more than twenty."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture(autouse=True)
def messages_as_before_a_command():
    """Undo what a command sets: messages go where pytest looks for them."""
    yield
    LOGGER.handlers.clear()
    LOGGER.propagate = True


@pytest.fixture(autouse=True)
def strict_settings():
    """Restore them after tests that compute a figure, which brings its own."""
    yield
    for name, value in SETTINGS.items():
        jax.config.update(name, value)
    if jax.config.jax_compilation_cache_dir:
        # Otherwise later tests would keep what they compile, too.
        jax.config.update("jax_compilation_cache_dir", None)
        compilation_cache.reset_cache()


VERSIONS = count(1)


@pytest.fixture
def compiled_anew():
    """Compile anew what the test runs: compiled code knows no method that was patched later.

    Code is kept by this version, too, which means nothing on a CPU. To clear all caches takes
    seconds, and what other tests need would have to be compiled once more.
    """

    def anew():
        jax.config.update("jax_xla_profile_version", next(VERSIONS))

    anew()
    return anew
