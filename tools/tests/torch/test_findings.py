"""Findings of PyTorch networks: each in a network made for it, none in a sound one."""

import dataclasses
import json

import numpy as np
import pytest

from snn_tools.doctor.examined import Examined
from tools.tests.torch.libraries import functional, neuron, norse, snntorch, torch
from tools.tests.torch.small import cells, program, shaped

from snn_tools.torch import Program, Sigmoid, examine  # isort: skip

LEAKY = snntorch.Leaky
surrogate = snntorch.surrogate


def leaky(spike=None, scale=1.0, bias=0.3, **more):
    p = program(LEAKY(0.9, spike_grad=spike or shaped(1.0)), **more)
    with torch.no_grad():
        p.net.hidden.weight.mul_(scale)
        p.net.hidden.bias.fill_(bias)
    return p


def without_readout(p):
    """All parameters together are then those of the hidden layer."""
    p.net.readout.requires_grad_(False)
    return p


FAULTS = {
    "silent": lambda: leaky(bias=-9.0),
    "saturated": lambda: leaky(bias=9.0),
    "unreached": lambda: leaky(shaped(1.0, 400.0), scale=0.0, bias=0.1),
    "cut": lambda: leaky(shaped(0.0)),
    "shape": lambda: leaky(shaped(-1.0)),
    "against": lambda: without_readout(leaky(shaped(-1.0))),
    "overflow": lambda: leaky(surrogate.sigmoid(25), dtype=torch.float32),
    "not finite": lambda: leaky(surrogate.sigmoid(25), bias=-5.0, dtype=torch.float32),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found(kind):
    report = examine(FAULTS[kind]())
    assert kind in [f.kind for f in report.faults] and not report.healthy
    assert f"FAULT ({kind}" in str(report)


def test_a_layer_against_the_truth_with_a_small_share_is_a_note():
    """The readout has 96 % of the gradient's length, and the derivative has the wrong sign."""
    report = examine(leaky(shaped(-1.0)))
    (note,) = (f for f in report.findings if f.kind == "against" and f.where == "hidden")
    assert not note.fault and "27 % of the true gradient's length" in note.evidence
    assert "shape" in {f.kind for f in report.faults}
    assert not {"shape", "against"} & {f.kind for f in examine(leaky(shaped(1.0))).findings}


@pytest.mark.parametrize("library", cells())
def test_a_sound_network_has_no_fault(library):
    p = program(cells()[library], x=((1.0, 0.5), (2.0, 1.0)))
    with torch.no_grad():
        p.net.hidden.bias.fill_(4.0 if library == "norse" else 0.5)
    assert examine(p).faults == ()


@pytest.mark.parametrize(("factor", "reported"), [(1.0, False), (30.0, True)])
def test_layers_of_unequal_scale_are_told(factor, reported):
    report = examine(leaky(shaped(factor)))
    notes = [f for f in report.findings if f.kind == "scaled"]
    assert bool(notes) == reported and report.healthy
    if reported:
        assert notes[0].where.startswith("hidden") and "the ratio of readout" in notes[0].evidence


def test_layers_are_told_by_name_with_their_rates():
    report = examine(leaky(bias=9.0))
    (layer,) = report.layers
    assert (layer.index, layer.neurons, layer.rate, layer.saturated) == ("cell", 2, 1.0, 1.0)


def test_states_have_the_size_of_the_batch_in_the_end():
    p = program(neuron.LIFNode(), x=((1.0, 0.5), (2.0, 1.0)))
    examine(p)
    assert p.net.cell.v.shape == (2, 2)
    functional.reset_net(p.net)


def test_norse_ignores_the_steepness_it_is_given_and_its_tanh_does_not():
    """norse 306: the surrogate that was asked for is ignored. SuperSpike still ignores alpha."""

    def ratio(**settings):
        cell = norse.LIFCell(p=norse.LIFParameters(**settings))
        return examine(program(cell, x=((9.0, 5.0),))).comparison.row("surrogate", "hidden").ratio

    assert ratio(method="super", alpha=1.0) == ratio(method="super", alpha=100.0)
    assert ratio(method="tanh", alpha=1.0) > 2 * ratio(method="tanh", alpha=10.0)


def test_the_sigmoid_of_snntorch_overflows_and_its_arctangent_does_not():
    """snntorch 427: gradients of surrogate.sigmoid() are NaN where a neuron is inhibited."""

    def report(spike):
        return examine(leaky(spike, bias=-5.0, dtype=torch.float32))

    (fault,) = [f for f in report(surrogate.sigmoid(25)).faults if f.kind == "overflow"]
    first = float(fault.evidence.partition("|v| = ")[2].split()[0])
    assert first == pytest.approx(np.log(np.finfo(np.float32).max) / 25, rel=0.05)
    kinds = {f.kind for f in report(surrogate.atan()).findings}
    assert not {"overflow", "not finite"} & kinds


def notes(report, kind):
    return [f.where for f in report.findings if f.kind == kind and not f.fault]


def test_an_alpha_that_norse_ignores_is_a_note():
    def cell(**settings):
        return norse.LIFCell(p=norse.LIFParameters(**settings))

    def report(**settings):
        return examine(program(cell(**settings), x=((9.0, 5.0),)))

    ignored = report(method="super", alpha=50.0)
    assert notes(ignored, "ignored") == ["layer cell"]
    assert "its last setting (50)" in str(ignored)
    assert not notes(report(method="tanh", alpha=50.0), "ignored")


@pytest.mark.parametrize(("slope", "reported"), [(1.0, False), (4.0, True)])
def test_a_slope_four_times_that_of_the_noise_is_a_note(slope, reported):
    """A sigmoid of slope 4 in the noise of slope 4; and one of slope 16."""
    report = examine(leaky(shaped(1.0, 4.0 * slope)))
    assert bool(notes(report, "steep")) == reported


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
    assert where == ["second, second.weight, second.bias"] * reused


def test_both_tools_write_the_same_keys():
    """The doctor's are those of `snn_tools.doctor.examined.Examined`, too."""
    report_json = json.loads(examine(leaky()).to_json())
    fields = [f.name for f in dataclasses.fields(Examined)]
    assert list(report_json) == ["schema", "verdict", "healthy", *fields]
    assert (report_json["schema"], report_json["verdict"], report_json["healthy"]) == (
        1,
        "healthy",
        True,
    )
    assert report_json["facts"]["sites"] == 6 and report_json["loop"] is None


def test_the_verdict_comes_first_with_its_cosine():
    report = examine(leaky())
    cosine = report.comparison.row("surrogate").cosine
    assert str(report).startswith(
        f"Verdict: no fault found; cosine to the true gradient {cosine:.3f}."
    )
