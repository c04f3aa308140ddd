"""The gate, gradcheck of a layer, the monitor and the report over checkpoints, in PyTorch."""

import numpy as np
import pytest

from tools.tests.networks import in_torch
from tools.tests.networks.faults import times
from tools.tests.torch.libraries import neuron, norse, snntorch, torch
from tools.tests.torch.small import program, shaped

from snn_tools.torch import (  # isort: skip
    GradcheckError,
    Monitor,
    assert_gradient_ok,
    course,
    gradcheck,
)


def test_a_gate_passes_a_right_network_and_stops_a_fault_with_the_report():
    def gate(factor, per_array=0.3):
        p = program(snntorch.Leaky(0.9, spike_grad=shaped(factor)))
        return assert_gradient_ok(p.net, p.x, p.loss, per_array, forward=p.forward)

    assert not gate(1.0).faults
    with pytest.raises(AssertionError, match=r"faults: (.|\n)*Verdict: \d fault"):
        gate(-1.0)
    with pytest.raises(AssertionError, match=r"cosine below 1\.1 in hidden, readout"):
        gate(1.0, per_array=1.1)


class Cell(torch.nn.Module):
    """A recurrent layer by hand; faults are arguments."""

    def __init__(self, spike, state=lambda u: u, seen=lambda z: z):
        super().__init__()
        torch.manual_seed(0)
        self.up, self.rec = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
        self.spike, self.state, self.seen = spike, state, seen

    def reset(self):
        self.u = self.z = torch.zeros(())

    def forward(self, x):
        z = self.z if self.z.ndim else torch.zeros_like(x)
        u = 0.9 * self.state(self.u) * (1 - z.detach()) + self.up(x) + self.rec(self.seen(z))
        self.u, self.z = u, self.spike(u - 1.0)
        return self.z


RIGHT = {
    "own": lambda: Cell(in_torch.OWN),
    "snnTorch": lambda: snntorch.Leaky(0.9),
    "SpikingJelly": neuron.LIFNode,
    "norse": lambda: norse.LIFCell(),
}
WRONG = {
    "state": (lambda: Cell(in_torch.OWN, state=torch.detach), "scaled|cut"),
    "recurrence": (lambda: Cell(in_torch.OWN, seen=torch.detach), "cut"),
    "aside": (lambda: Cell(in_torch.spike_with(times(at=-1.0))), "aside"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_gradcheck_of_a_right_layer(name):
    x = 3.0 * torch.rand(2, 3, generator=torch.Generator().manual_seed(1))
    assert gradcheck(RIGHT[name](), x, steps=4)


@pytest.mark.parametrize("name", WRONG)
def test_gradcheck_of_a_wrong_layer(name):
    build, kinds = WRONG[name]
    x = 3.0 * torch.rand(2, 3, generator=torch.Generator().manual_seed(1))
    with pytest.raises(GradcheckError, match=f"FAULT \\(({kinds})"):
        gradcheck(build(), x, steps=4)
    assert not gradcheck(build(), x, steps=4, raise_exception=False)


class Keeping(Cell):
    """A recurrent layer whose state cannot be reset from outside."""

    u = z = torch.zeros(())
    reset = None


def test_gradcheck_refuses_a_layer_that_keeps_its_state():
    with pytest.raises(ValueError, match="expected the same twice. Start from a fresh state"):
        gradcheck(Keeping(in_torch.OWN), torch.ones(2, 3))


def monitored(build, step=0):
    """The numbers of a step, and its gradient with and without the monitor."""
    net, forward, (x, labels), loss, escape = build()
    monitor, gradients = Monitor(net, escape, every=50), []
    for watch in (False, True):
        net.zero_grad()
        if watch:
            with monitor(step) as numbers:
                loss(forward(net, x), labels).mean().backward()
        else:
            loss(forward(net, x), labels).mean().backward()
        gradients.append([p.grad.clone() for p in net.parameters() if p.grad is not None])
    return numbers, gradients


MONITORED = ["snnTorch, max over time", "own function, recurrent", "SpikingJelly, convolution"]


@pytest.mark.parametrize("name", [*MONITORED, "norse, recurrent"])
def test_the_monitor_changes_nothing(name):
    numbers, (plain, watched) = monitored(in_torch.RIGHT[name])
    for a, b in zip(plain, watched, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-7)
    rates = [value for key, value in numbers.items() if key.endswith("/rate")]
    errors = [value for key, value in numbers.items() if key.endswith("/error")]
    assert len(errors) == len(rates) > 0 and min(rates) > 0 and min(errors) > 0
    norms = [value for key, value in numbers.items() if key.startswith("gradient/")]
    np.testing.assert_allclose(norms, [float(g.norm()) for g in watched], rtol=1e-6)


def test_a_course_loads_checkpoints_and_gives_the_network_back():
    p = program(snntorch.Leaky(0.9, spike_grad=shaped(1.0)))
    before = {name: x.clone() for name, x in p.net.state_dict().items()}
    silent = before | {"hidden.bias": before["hidden.bias"] - 9.0}
    reports = course(p, {"start": before, "end": silent}, budget=1.0)
    lines = str(reports).splitlines()
    assert lines[4].startswith("start") and "silent" in lines[5]
    assert all(torch.equal(x, before[name]) for name, x in p.net.state_dict().items())
