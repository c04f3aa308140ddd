"""Right networks have no fault, and each fault is named."""

import jax
import pytest

from snn_tools import doctor
from tools.tests.networks import assert_as_expected, files
from tools.tests.networks.in_jax import FAULTY, RIGHT

SHORT = 0.01
"""Budget in seconds: single trials and tests of the code are made whatever the budget."""


@pytest.fixture(autouse=True)
def as_from_a_shell():
    """Use float32, as users do; the tests' settings are back after each test."""
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_numpy_rank_promotion", "allow")


def examined(build):
    return of(*build())


def of(program, params, settings, budget=SHORT):
    return doctor.examine(program, params, jax.random.key(0), budget=budget, **settings)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_network_has_no_fault(name):
    assert examined(RIGHT[name]).faults == ()


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_named(name):
    build, kinds = FAULTY[name]
    report = examined(build)
    assert kinds & {f.kind for f in report.faults} and report.verdict == "fault"


@pytest.mark.parametrize("name", files("jax"))
def test_a_network_of_a_file_has_its_verdict(name):
    assert_as_expected(name, of)
