"""Sums with a known value are computed under load; versions that compute wrong sums are named."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn.selftest import known_fault


def repeated(shape, axis, row):
    """Ones of shape ``row``, repeated and summed, and the exact sum."""
    kept = [size for i, size in enumerate(shape) if i not in axis]
    compute = jax.jit(lambda x: jnp.sum(jnp.broadcast_to(x, shape), axis))
    n_terms = np.prod(shape) // np.prod(kept, dtype=int)
    return compute, jnp.ones(row, jnp.float32), np.full(kept, n_terms, np.float32)


def squares(n_rows, dtype):
    """Squared norms of rows of small integers, and the exact numbers."""
    rows = np.arange(3 * n_rows).reshape(n_rows, 3) % 5
    eye = jnp.eye(3, dtype=dtype)
    compute = jax.jit(jax.vmap(lambda row: jnp.sum((eye @ row) ** 2)))
    return compute, jnp.asarray(rows, dtype), (rows**2).sum(1).astype(dtype)


def n_wrong(sums, calls=20, n_threads=4):
    """Wrong results of sums that several threads compute at once."""

    def work(_):
        return [not np.array_equal(f(x), value) for _ in range(calls) for f, x, value in sums]

    with ThreadPoolExecutor(n_threads) as pool:
        return sum(map(sum, pool.map(work, range(n_threads))))


def test_the_installed_jax_computes_exact_sums_under_load():
    """Small integers are exact in every order of addition: no digit can be rounding."""
    # The three sums of shape (10, 189, 200) are those of figure 6: trials, steps, neurons.
    sums = [
        repeated((2, 1024, 1024), (0, 1, 2), (1024,)),
        repeated((10, 189, 200), (0, 1, 2), (200,)),
        repeated((10, 189, 200), (0, 1), (189, 200)),
        repeated((10, 189, 200), (0, 2), (189, 200)),
        squares(32_769, jnp.float32),
        squares(16_385, jnp.float64),
    ]
    assert n_wrong(sums) == 0
    compute, argument, value = sums[-1]
    assert n_wrong([(compute, argument, value + 1)], calls=1) == 4


@pytest.mark.parametrize("version", ["0.10.2", "0.11.0", "0.11.2", "0.11.2.dev20260801"])
def test_known_bad_versions_are_named_with_the_fix(version):
    message = known_fault(version)
    assert version in message
    assert "pip install jax==" in message


@pytest.mark.parametrize("version", ["0.9.2", "0.10.1", "0.12", "0.12.0.1", "1.0"])
def test_other_versions_are_not_accused(version):
    assert known_fault(version) is None


def test_import_warns_of_a_bad_jaxlib():
    code = (
        "import importlib.metadata as m; own = m.version\n"
        "m.version = lambda name: '0.10.2' if name == 'jaxlib' else own(name)\n"
        "import snn"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0
    assert run.stderr.count("computes wrong sums") == 1
