"""Finding (silent): residual spikes and learnt time constants; without noise few neurons fire."""

from tools.tests.networks.in_torch import built, cross_entropy
from tools.tests.torch.libraries import functional, neuron, surrogate, torch


class Net(torch.nn.Module):
    def __init__(self, width=32):
        super().__init__()
        sizes = zip((8, width, width), (width, width, width), strict=True)
        self.layers = torch.nn.ModuleList(torch.nn.Linear(*size) for size in sizes)
        atan = surrogate.ATan()
        plif = (neuron.ParametricLIFNode(surrogate_function=atan) for _ in range(3))
        self.neurons, self.out = torch.nn.ModuleList(plif), torch.nn.Linear(width, 3)

    def forward(self, x):
        functional.reset_net(self)
        total = 0.0
        for h in x.unbind(dim=1):
            for k, (linear, cell) in enumerate(zip(self.layers, self.neurons, strict=True)):
                h = cell(linear(h)) + (h if k else 0.0)
            total = total + self.out(h)
        return total / x.shape[1]


def build():
    return built(Net(), cross_entropy)
