"""Refused (fresh state): snnTorch keeps the state that `init_hidden` made, from batch to batch."""

from tools.tests.networks.in_torch import built, cross_entropy
from tools.tests.torch.libraries import snntorch, torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = torch.nn.Linear(8, 16), torch.nn.Linear(16, 3)
        self.lif = snntorch.Leaky(beta=0.9, init_hidden=True)

    def forward(self, x):
        return sum(self.fc2(self.lif(3 * self.fc1(x_t))) for x_t in x.unbind(dim=1))


def build():
    return built(Net(), cross_entropy)
