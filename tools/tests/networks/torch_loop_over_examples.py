"""Refused (expected the 4 examples of the batch): the loop is over examples, not over time."""

from tools.tests.networks.in_torch import built, max_over_time
from tools.tests.torch.libraries import snntorch, torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = torch.nn.Linear(8, 16), torch.nn.Linear(16, 3)
        self.lif = snntorch.Leaky(beta=0.9)

    def forward(self, x):
        self.lif.reset_mem()
        out = [self.fc2(self.lif(3 * self.fc1(x_t))[0]) for x_t in x.unbind(dim=0)]
        return torch.stack(out, dim=1)


def build():
    return built(Net(), max_over_time)
