"""Findings in small PyTorch networks whose exact gradient is enumerated."""

import json

import pytest

from tools.tests.torch.libraries import functional, neuron, norse, snntorch, torch
from tools.tests.torch.small import cells, program, shaped

from snn_tools.torch import Program, Sigmoid, examine  # isort: skip

LEAKY = snntorch.Leaky


def leaky(spike=None, scale=1.0, bias=0.3, **more):
    p = program(LEAKY(0.9, spike_grad=spike or shaped(1.0)), **more)
    with torch.no_grad():
        p.net.hidden.weight.mul_(scale)
        p.net.hidden.bias.fill_(bias)
    return p


FAULTS = {
    "silent": lambda: leaky(bias=-9.0),
    "saturated": lambda: leaky(bias=9.0),
    "unreached": lambda: leaky(shaped(1.0, 400.0), scale=0.0, bias=0.1),
    "cut": lambda: leaky(shaped(0.0)),
    "against": lambda: leaky(shaped(-1.0)),
    "scaled": lambda: leaky(shaped(500.0)),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found(kind):
    report = examine(FAULTS[kind]())
    assert kind in [f.kind for f in report.faults] and not report.healthy
    assert f"FAULT ({kind}" in str(report)


@pytest.mark.parametrize("library", cells())
def test_a_sound_network_has_no_fault(library):
    p = program(cells()[library], x=((1.0, 0.5), (2.0, 1.0)))
    with torch.no_grad():
        p.net.hidden.bias.fill_(4.0 if library == "norse" else 0.5)
    assert examine(p).faults == ()


def test_the_headline_is_the_worst_layer():
    """The readout's gradient is exact, and hides the layer when all parameters are put together."""
    report = examine(leaky(shaped(-1.0)))
    worst, whole = report.direction, report.comparison.row("yours", "all")
    assert worst.group == "hidden" and worst.cosine < 0 < whole.cosine
    assert f"worst layer hidden, cosine to the true gradient {worst.cosine:.3f}" in str(report)
    assert json.loads(report.to_json())["worst"]["layer"] == "hidden"


@pytest.mark.parametrize(("factor", "where"), [(1.0, None), (30.0, "hidden")])
def test_the_note_on_unequal_lengths_names_the_outlier(factor, where):
    notes = [f for f in examine(leaky(shaped(factor))).findings if f.kind == "scaled"]
    assert [f.where for f in notes] == ([where] if where else [])
    assert not any(f.fault for f in notes)


def test_states_have_the_size_of_the_batch_in_the_end():
    p = program(neuron.LIFNode(), x=((1.0, 0.5), (2.0, 1.0)))
    examine(p)
    assert p.net.cell.v.shape == (2, 2)
    functional.reset_net(p.net)


def test_an_alpha_that_norse_ignores_is_a_note():
    """norse 306: the surrogate that was asked for is ignored. SuperSpike still ignores alpha."""

    def notes(method):
        cell = norse.LIFCell(p=norse.LIFParameters(method=method, alpha=50.0))
        report = examine(program(cell, x=((9.0, 5.0),)))
        return [f.where for f in report.findings if f.kind == "ignored" and not f.fault]

    assert notes("super") == ["layer cell"] and notes("tanh") == []


@pytest.mark.parametrize(("slope", "reported"), [(1.0, False), (4.0, True)])
def test_a_slope_four_times_that_of_the_noise_is_a_note_with_a_line_of_the_library(slope, reported):
    """A sigmoid of slope 4 in the noise of slope 4; and one of slope 16."""
    notes = [f for f in examine(leaky(shaped(1.0, 4.0 * slope))).findings if f.kind == "steep"]
    assert bool(notes) == reported and not any(f.fault for f in notes)
    assert all("snntorch.surrogate.fast_sigmoid(slope=3.6)" in f.advice for f in notes)


class Reused(torch.nn.Module):
    """Two layers of neurons; the second linear layer may be forgotten, and the first used twice."""

    def __init__(self, reused):
        super().__init__()
        torch.manual_seed(3)
        self.first, self.second = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
        self.cells = torch.nn.ModuleList(LEAKY(0.9, spike_grad=shaped(1.0)) for _ in range(2))
        self.reused = reused

    def forward(self, x):
        for cell in self.cells:
            cell.reset_mem()
        out = 0.0
        for _ in range(2):
            s = self.cells[0](self.first(x) + 1.0)[0].to(x.dtype)
            out = out + self.cells[1]((self.first if self.reused else self.second)(s) + 1.0)[0]
        return out.to(x.dtype) / 2


@pytest.mark.parametrize("reused", [False, True])
def test_a_layer_that_another_replaces_is_unused(reused):
    net = Reused(reused).double()
    x = torch.tensor([[1.0, 0.5]], dtype=torch.float64)
    loss = lambda out: ((out - 0.4) ** 2).sum(dim=1)  # noqa: E731
    report = examine(Program(net, lambda net, x: net(x), x, loss, Sigmoid(4.0)))
    where = [f.where for f in report.faults if f.kind == "unused"]
    assert bool(where) == reused and all("second" in x for x in where)


def test_the_errors_of_a_layer_are_derivatives_by_its_potentials():
    """Against finite differences of the smoothed spike s + p - p, in a network of one step."""
    from snn_tools.torch.examination import errors_of
    from snn_tools.torch.program import own

    p = leaky(shaped(1.0))
    run = p.run(1, own, surrogate=True)
    outs = [run.tape.calls[site.call][1] for site in run.tape.sites]
    by_spike = torch.autograd.grad(run.losses.sum(), outs, retain_graph=True)
    errors = errors_of(run)
    for site, error, g in zip(run.tape.sites, errors, by_spike, strict=True):
        q = torch.sigmoid(4.0 * site.v)
        torch.testing.assert_close(error, g * 4.0 * q * (1 - q))
