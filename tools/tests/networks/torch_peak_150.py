"""Finding (height): a surrogate with a peak of 150 and a width of 0.004."""

from tools.tests.networks.faults import times
from tools.tests.networks.in_torch import built, max_over_time, spike_with
from tools.tests.torch.libraries import torch

spike = spike_with(times(150.0, slope=207.0))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = torch.nn.Linear(8, 16), torch.nn.Linear(16, 3)

    def forward(self, x):
        u, y, out = 0.0, 0.0, []
        for x_t in x.unbind(dim=1):
            u = 0.9 * u + 3 * self.fc1(x_t)
            s = spike(u - 1.0)
            u = u - s.detach()
            y = 0.8 * y + self.fc2(s)
            out.append(y)
        return torch.stack(out, dim=1)


def build():
    return built(Net(), max_over_time)
