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


CASES = [
    ("claimed_derivative", subject(lambda v, x: 1.000005 * x), subject(lambda v, x: 1.00002 * x)),
    ("integral", subject(claim=Claim(integral=0.2019)), subject(claim=Claim(integral=0.2025))),
    ("width", subject(claim=Claim(width=0.08289)), subject(claim=Claim(width=0.083))),
]


@pytest.mark.parametrize(("check", "near", "far"), CASES, ids=lambda x: x if type(x) is str else "")
def test_a_check_decides_at_its_tolerance(check, near, far):
    assert run(NAMED[check], near).status == "passed", run(NAMED[check], near).message
    assert run(NAMED[check], far).status == "failed"
