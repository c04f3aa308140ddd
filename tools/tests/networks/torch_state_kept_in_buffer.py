"""Refused (fresh state): the potential of a buffer of one's own is kept from batch to batch."""

from tools.tests.networks.in_torch import OWN, built, cross_entropy
from tools.tests.torch.libraries import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = torch.nn.Linear(8, 16), torch.nn.Linear(16, 3)
        self.register_buffer("u", torch.zeros(16))

    def forward(self, x):
        out = 0.0
        for x_t in x.unbind(dim=1):
            self.u = 0.9 * self.u + 3 * self.fc1(x_t)
            s = OWN(self.u - 1.0)
            self.u = self.u - s.detach()
            out = out + self.fc2(s)
        return out


def build():
    return built(Net(), cross_entropy)
