"""What a check of the conformance kit lets pass, and what not: both sides of its tolerance."""

import numpy as np
import pytest

from snn_tools.conformance import Claim, Form, NumpyFunction, Subject
from snn_tools.conformance.checks import CHECKS, run
from tools.tests.spikes import step

BETA = 10.0
FORM = Form("superspike", BETA)
NAMED = {check.__name__: check for check in CHECKS}


def subject(change=lambda v, slope: slope, claim=None, exponent=2):
    """SuperSpike with a change of its slope, and with a claim."""

    def backward(v, g):
        slope = 1 / (1 + BETA * np.abs(v.astype(np.float64))) ** exponent
        return (g * change(v, slope)).astype(v.dtype)

    return Subject("near", NumpyFunction(step, backward), claim or Claim(FORM))


def in_half(factor):
    return lambda v, slope: slope * (factor if v.dtype == np.float16 else 1)


def of_silence(share):
    """A gradient that is there although none comes in."""
    return Subject(
        "near",
        NumpyFunction(step, lambda v, g: (g + share * (g == 0)) / (1 + BETA * np.abs(v)) ** 2),
        Claim(FORM),
    )


CASES = [
    ("claimed_derivative", subject(lambda v, x: 1.000005 * x), subject(lambda v, x: 1.00002 * x)),
    (
        "sign",
        subject(lambda v, x: x - 5e-7, Claim()),
        subject(lambda v, x: x - 2e-6, Claim()),
    ),
    ("half_precision", subject(in_half(1.04)), subject(in_half(1.06))),
    ("integral", subject(claim=Claim(integral=0.2019)), subject(claim=Claim(integral=0.2025))),
    ("width", subject(claim=Claim(width=0.08289)), subject(claim=Claim(width=0.083))),
    ("peak", subject(claim=Claim(peak=1.00009)), subject(claim=Claim(peak=1.0002))),
    ("tails", subject(exponent=2.08), subject(exponent=2.12)),
    ("cotangent", of_silence(0.0), of_silence(0.01)),
]


@pytest.mark.parametrize(("check", "near", "far"), CASES, ids=lambda x: x if type(x) is str else "")
def test_a_check_decides_at_its_tolerance(check, near, far):
    assert run(NAMED[check], near).status == "passed", run(NAMED[check], near).message
    assert run(NAMED[check], far).status == "failed"
