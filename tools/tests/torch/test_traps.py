"""What replacing the spike functions of three libraries has to know of them."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tools.tests.torch.libraries import neuron, norse, snntorch, surrogate, torch
from tools.tests.torch.oracle import enumerated
from tools.tests.torch.small import HIDDEN, STEPS, cells, program, shaped

from norse.torch.functional.threshold import superspike_fn  # isort: skip
from snn_tools.torch import examine  # isort: skip
from snn_tools.torch.examination import errors_of  # isort: skip
from snn_tools.torch.program import own  # isort: skip
from snn_tools.torch.refusals import replayed  # isort: skip
from snn_tools.torch.spikes import Tape, _step_functions, recorded  # isort: skip


@pytest.mark.parametrize("delay", [True, False])
@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_snntorch_asks_twice_a_step_and_for_its_initial_state_and_fires_once(delay, reset):
    calls = []
    spike = snntorch.surrogate.atan()
    cell = snntorch.Leaky(
        beta=0.9,
        reset_delay=delay,
        reset_mechanism=reset,
        spike_grad=lambda v: calls.append(v) or spike(v),
    )
    p = program(cell)
    with torch.no_grad():
        p.plain()
    assert len(calls) == 2 * STEPS
    assert replayed(p).sites == STEPS * HIDDEN


def test_a_reset_asks_for_the_spike_that_was_drawn_and_else_for_the_state():
    v = torch.tensor([[0.5, -0.5]])
    with recorded(cell := snntorch.Leaky(0.9), Tape(1, lambda v: (v, v), lambda f, v, n: 1 - f(v))):
        assert cell.mem_reset(v + 1).tolist() == [[1, 0]]
        assert cell.fire(v + 1).tolist() == [[0, 1]]
        assert cell.mem_reset(v + 1).tolist() == [[0, 1]]
        # The first has moved, and is above threshold: no spike was drawn for it.
        assert cell.mem_reset(v + torch.tensor([[1.1, 1.0]])).tolist() == [[1, 1]]


@pytest.mark.parametrize("library", ["snnTorch", "SpikingJelly", "norse"])
def test_spike_functions_are_given_back_also_where_a_run_fails(library):
    cell = program(cells()[library]).net.cell

    def functions():
        methods = ("forward", "setup_context", "backward")
        return [vars(kind).get(name) for kind in _step_functions() for name in methods]

    before, names = functions(), [*vars(cell), *cell._modules]
    with pytest.raises(ZeroDivisionError), recorded(cell, Tape(1, abs, own)):
        assert functions() != before
        1 / 0  # noqa: B018
    assert functions() == before and [*vars(cell), *cell._modules] == names


def test_many_steps_of_spikingjelly_are_seen_one_by_one():
    cell = neuron.LIFNode(step_mode="m")
    p = program(neuron.LIFNode())
    p.net.cell = cell.double()

    def forward(net, x):
        net.cell.reset()
        i = net.hidden(x).expand(STEPS, len(x), HIDDEN)
        return net.readout(net.cell(i)).mean(dim=0)

    several = type(p)(p.net, forward, p.x, p.loss, p.escape)
    single = enumerated(program(neuron.LIFNode()))[0]
    np.testing.assert_allclose(enumerated(several)[0], single, rtol=0, atol=1e-14)


def test_an_alpha_that_norse_ignores_is_a_finding():
    """norse 306: the surrogate that was asked for is ignored. SuperSpike still ignores alpha."""

    def findings(method):
        cell = norse.LIFCell(p=norse.LIFParameters(method=method, alpha=50.0))
        report = examine(program(cell, x=((9.0, 5.0),)), 0.01)
        return [f.where for f in report.findings if f.kind == "ignored"]

    assert findings("super") == ["layer cell"] and findings("tanh") == []


def test_the_errors_of_a_layer_are_derivatives_by_its_potentials():
    """Against the chain rule, with the slope of the spike function by hand."""
    p = program(snntorch.Leaky(0.9, spike_grad=shaped(1.0)))
    run = p.run(1, own, surrogate=True)
    outs = [run.tape.calls[site.call][1] for site in run.tape.sites]
    by_spike = torch.autograd.grad(run.losses.sum(), outs, retain_graph=True)
    for site, error, g in zip(run.tape.sites, errors_of(run), by_spike, strict=True):
        q = torch.sigmoid(4.0 * site.v)
        torch.testing.assert_close(error, g * 4.0 * q * (1 - q))


def test_jax_is_not_imported():
    code = (
        "import sys; sys.modules.update(jax=None, jaxlib=None)\n"
        "import snn_tools.torch, snn_tools.torch.__main__"
    )
    there = os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    subprocess.run([sys.executable, "-c", code], env=there, check=True)


@pytest.mark.parametrize("naive", [False, True])
def test_probabilities_that_round_to_one_give_numbers(naive):
    def logs(v):
        p = torch.sigmoid(100 * v)
        return torch.log(p), torch.log(1 - p)

    p = program(snntorch.Leaky(beta=0.9), x=((9.0, 9.0),), beta=100.0)
    if naive:
        p = program(snntorch.Leaky(beta=0.9), x=((9.0, 9.0),), escape=logs)
    try:
        finite = bool(np.isfinite(enumerated(p)[0]).all())
    except AssertionError:
        finite = False
    assert finite == (not naive)


def test_refractory_neurons_of_norse_ask_for_a_counter():
    assert replayed(program(norse.LIFRefracCell())).sites == STEPS * HIDDEN


class Mine(torch.nn.Module):
    """A neuron of one's own without memory, with the surrogate of a library under any name."""

    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, i):
        return self.fn(i - 1)


SURROGATES = {
    "snnTorch": snntorch.surrogate.fast_sigmoid(4),
    "snnTorch, apply": lambda v: snntorch.surrogate.FastSigmoid.apply(v, 4.0),
    "SpikingJelly": surrogate.ATan(),
    "norse": lambda v: superspike_fn(v, 4.0),
}


@pytest.mark.parametrize("library", SURROGATES)
def test_a_surrogate_of_a_library_is_seen_in_a_neuron_of_ones_own(library):
    p = program(Mine(SURROGATES[library]), x=((1.0, 0.5), (2.0, 1.5)))
    assert replayed(p).sites == STEPS * HIDDEN
    run = p.run(1, own, surrogate=True)
    assert set(torch.cat([s.s for s in run.tape.sites]).unique().tolist()) == {0.0, 1.0}
    gradient = p.gradient(run.losses.sum())
    assert np.abs(gradient[:HIDDEN]).min() > 0
    np.testing.assert_allclose(gradient, p.gradient(p.plain()[0].sum()))
