"""Finding (against): learnt time constants and a loss of the first spikes, as published."""

from tools.tests.networks.faults import times
from tools.tests.networks.in_torch import Sigmoid, cross_entropy, spike_with
from tools.tests.torch.libraries import torch

BUDGET = 60
"""Seconds at most; the direction is decided after about three."""

spike = spike_with(times(slope=10.0))


class Net(torch.nn.Module):
    def __init__(self, hidden=3):
        super().__init__()
        drawn = torch.Generator().manual_seed(29)
        self.w1 = torch.nn.Parameter(3 * torch.randn(4, hidden, generator=drawn))
        self.w2 = torch.nn.Parameter(torch.randn(hidden, 2, generator=drawn))
        self.tau_m = torch.nn.Parameter(torch.full((hidden,), 3.0))

    def forward(self, x):
        decay, u, w, silent, first = torch.exp(-1 / self.tau_m), 0.0, 0.0, 1.0, 0.0
        for x_t in x.unbind(dim=1):
            u = decay * u + (1 - decay) * (x_t @ self.w1)
            s = spike(u - 1.0)
            u = u * (1 - s)
            w = 0.8 * w + s @ self.w2
            r = spike(w - 1.0)
            w, silent = w * (1 - r), silent * (1 - r)
            first = first + silent  # step of the first spike
        return -first


def build():
    drawn = torch.Generator().manual_seed(129)
    x = (torch.rand(1, 3, 4, generator=drawn) < 0.5).float()
    return Net(), lambda net, x: net(x), (x, torch.tensor([0])), cross_entropy, Sigmoid(4.0)
