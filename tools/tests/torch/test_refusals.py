"""Networks whose true gradient would come out wrong are refused, and their sound twins are not."""

import pytest

from tools.tests.torch.libraries import snntorch, torch
from tools.tests.torch.small import Net, program, squared

from snn_tools.torch.refusals import replayed  # isort: skip
from snn_tools.torch.spikes import Refused  # isort: skip

LEAKY = snntorch.Leaky


class Own(torch.nn.Module):
    """A neuron without memory of one's own."""

    def __init__(self, spike):
        super().__init__()
        self.spike_grad, self.seen = LEAKY(0.9).spike_grad, spike

    def forward(self, i):
        return self.seen(self, i)


def between(layer, training):
    return program(Net(LEAKY(0.9), between=layer.train(training)))


def own(spike):
    return program(Own(spike))


def forgetting(forgets):
    """A network whose state is kept from run to run, or not."""
    p = program(LEAKY(0.9, init_hidden=True))

    def forward(net, x):
        if forgets:
            net.cell.reset_mem()
        return net.readout(net.cell(net.hidden(x)).to(x.dtype)).tanh()

    return type(p)(p.net, forward, p.x, p.loss, p.escape)


def less_mean(s, axis):
    """Spikes less their mean over the batch, or over neurons."""
    return s - s.mean(dim=axis, keepdim=True)


NORM, DROP = torch.nn.BatchNorm1d, torch.nn.Dropout
TWINS = {
    "batch norm in training": (
        lambda: between(NORM(2), True),
        lambda: between(NORM(2), False),
        r"between: got BatchNorm1d with statistics of the batch.+call \.eval\(\)",
    ),
    "dropout in training": (
        lambda: between(DROP(0.5), True),
        lambda: between(DROP(0.5), False),
        "between: got Dropout with noise of its own",
    ),
    "a spike function that is not asked": (
        lambda: own(lambda cell, i: i),
        lambda: own(lambda cell, i: cell.spike_grad(i - 1)),
        "got some that were not seen, of the network",
    ),
    "a threshold without derivative": (
        lambda: own(lambda cell, i: cell.spike_grad(i - 1) * (i > 0.1)),
        lambda: own(lambda cell, i: cell.spike_grad(i - 1) * (i.detach() > 0.1)),
        r"not seen, of a comparison \(gt\)",
    ),
    "a state that is kept": (lambda: forgetting(False), lambda: forgetting(True), "fresh state"),
    "rows that are mixed": (
        lambda: own(lambda cell, i: less_mean(cell.spike_grad(i - 1), 0)),
        lambda: own(lambda cell, i: less_mean(cell.spike_grad(i - 1), 1)),
        "depend on other rows",
    ),
    "a mean loss": (
        lambda: program(LEAKY(0.9), loss=lambda out: squared(out).mean()),
        lambda: program(LEAKY(0.9)),
        r"loss: got \(\), expected one number for each of 1 examples, \(1,\)",
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_network_is_refused_and_its_twin_is_not(name):
    wrong, sound, message = TWINS[name]
    assert replayed(sound()).sites
    with pytest.raises(Refused, match=message):
        replayed(wrong())


def test_compiled_code_is_refused_by_name():
    with pytest.warns(DeprecationWarning):
        layer = torch.jit.script(torch.nn.Linear(2, 2).double())
    with pytest.raises(Refused, match="RecursiveScriptModule with compiled code"):
        replayed(program(Net(LEAKY(0.9), between=layer)))
