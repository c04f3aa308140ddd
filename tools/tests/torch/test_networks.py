"""Right networks have no fault, and each fault is named."""

import numpy as np
import pytest

from tools.tests.networks import assert_as_expected, files, torch_first_spike
from tools.tests.networks.in_torch import FAULTY, RIGHT, ByHand, Switched, built
from tools.tests.torch.oracle import enumerated

from snn_tools.torch import Program, examine  # isort: skip

SHORT = 0.5
"""Budget in seconds; spikes and code are examined whatever the budget."""


def of(*built, budget=SHORT):
    return examine(Program(*built), budget)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_network_has_no_fault(name):
    assert of(*RIGHT[name]()).faults == ()


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_named(name):
    build, kinds = FAULTY[name]
    report = of(*build())
    assert kinds & {f.kind for f in report.faults}
    assert report.verdict == "fault" and report.headline().startswith("Verdict: ")


@pytest.mark.parametrize("name", files("torch"))
def test_a_network_of_a_file_has_its_verdict(name):
    assert_as_expected(name, of)


def test_a_bias_by_first_spikes_is_one_of_all_spike_patterns():
    """The finding is a property of the surrogate: no sampling is in these numbers."""
    net, forward, (x, y), *more = torch_first_spike.build()
    p = Program(net.double(), forward, (x.double(), y), *more)
    exact, mean = (p.split(g)["tau_m"] for g in enumerated(p))
    cosine = exact @ mean / np.linalg.norm(exact) / np.linalg.norm(mean)
    assert cosine == pytest.approx(-0.72, abs=0.005)  # as tools/docs/findings.md says


def test_a_surrogate_that_eval_would_switch_off_is_a_finding_in_training_mode():
    report = of(*built(ByHand([Switched()])))
    assert report.faults == () and {"off"} <= {finding.kind for finding in report.findings}
