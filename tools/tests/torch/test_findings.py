"""Findings of PyTorch networks: each in a network made for it, none in a sound one."""

import numpy as np
import pytest

from tools.tests.torch.libraries import functional, neuron, norse, snntorch, torch
from tools.tests.torch.small import cells, program, shaped

from snn_tools.torch import examine  # isort: skip

LEAKY = snntorch.Leaky
surrogate = snntorch.surrogate


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
    "overflow": lambda: leaky(surrogate.sigmoid(25), dtype=torch.float32),
    "not finite": lambda: leaky(surrogate.sigmoid(25), bias=-5.0, dtype=torch.float32),
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


@pytest.mark.parametrize(("factor", "told"), [(1.0, False), (30.0, True)])
def test_layers_of_unequal_scale_are_told(factor, told):
    report = examine(leaky(shaped(factor)))
    notes = [f for f in report.findings if f.kind == "scaled"]
    assert bool(notes) == told and report.healthy
    if told:
        assert notes[0].where.startswith("hidden") and "that of readout" in notes[0].evidence


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
