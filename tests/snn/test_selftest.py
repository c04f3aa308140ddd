import dataclasses
import subprocess
import sys

import jax.numpy as jnp
import pytest

from snn.selftest import check, exact_sums, known_fault


def test_installed_jax_adds_up_under_load():
    outcomes = check()
    assert all(outcome.calls >= 2 for outcome in outcomes)
    assert [str(outcome) for outcome in outcomes if outcome.wrong] == []


def test_a_sum_that_is_off_by_one_unit_in_one_element_is_found():
    sums = exact_sums()
    for i, item in enumerate(sums):

        def off_by_one(x, right=item.compute):
            total = right(x)
            return total.at[(-1,) * total.ndim].add(1)

        wrong = dataclasses.replace(item, compute=off_by_one)
        outcomes = check([*sums[:i], wrong, *sums[i + 1 :]], seconds=0.0, n_threads=2)
        assert [outcome.wrong for outcome in outcomes] == [2 * (j == i) for j in range(len(sums))]


def test_values_are_those_of_eager_arithmetic():
    for item in exact_sums():
        if item.argument.ndim == 2 and item.argument.shape[1] == 3:
            squares = jnp.sum(item.argument**2, axis=1)
            assert (squares == item.value).all()


@pytest.mark.parametrize("version", ["0.10.2", "0.11.0", "0.11.2", "0.11.2.dev20260801"])
def test_known_bad_versions_are_named_with_the_fix(version):
    message = known_fault(version)
    assert version in message
    assert "pip install jax==" in message


@pytest.mark.parametrize(
    "version", ["0.9.2", "0.10.0", "0.10.1", "0.12", "0.12.0.1", "0.12.1", "1.0"]
)
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
