"""Fault (saturated): the readout's biases are so large that every sigmoid is 1."""

from tools.tests.networks.in_torch import built
from tools.tests.torch.libraries import snntorch, torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = torch.nn.Linear(8, 16), torch.nn.Linear(16, 3)
        self.lif = snntorch.Leaky(beta=0.9)

    def forward(self, x):
        self.lif.reset_mem()
        return sum(self.fc2(self.lif(3 * self.fc1(x_t))[0]) for x_t in x.unbind(dim=1)).sigmoid()


def squared(p, labels):
    return ((p - torch.nn.functional.one_hot(labels, 3)) ** 2).sum(dim=1)


def build():
    net, *more = built(Net(), squared)
    torch.nn.init.constant_(net.fc2.bias, 50.0)
    return net, *more
