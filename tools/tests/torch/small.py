"""Small networks for the tests of `snn_tools.torch`."""

from tools.tests.torch.libraries import functional, neuron, norse, snntorch, torch

from snn_tools.torch import Program, Sigmoid  # isort: skip

HIDDEN, STEPS = 2, 3


class Net(torch.nn.Module):
    """One layer of neurons, and a readout."""

    def __init__(self, cell, between=None):
        super().__init__()
        torch.manual_seed(3)
        self.hidden = torch.nn.Linear(2, HIDDEN)
        self.hidden.weight.data = self.hidden.weight.data.abs()
        self.between = between or torch.nn.Identity()
        self.cell = cell
        self.readout = torch.nn.Linear(HIDDEN, 1)

    def forward(self, x):
        functional.reset_net(self)
        if hasattr(self.cell, "reset_mem"):
            self.cell.reset_mem()
        state, out = None, 0.0
        for _ in range(STEPS):
            i = self.between(self.hidden(x))
            if type(self.cell).__module__.startswith("norse"):
                s, state = self.cell(i, state)
            else:
                s = self.cell(i)
                s = s[0] if isinstance(s, tuple) else s
            out = out + self.readout(s.to(x.dtype))
        return out / STEPS


def squared(out):
    return ((out - 0.4) ** 2).sum(dim=1)


def program(cell, x=((1.0, 0.5),), beta=4.0, dtype=torch.float64, **more):
    """A program of a cell, or of a network, in float64."""
    net = (cell if isinstance(cell, Net) else Net(cell)).to(dtype)
    settings = {"loss": squared, "escape": Sigmoid(beta)} | more
    return Program(net, lambda net, x: net(x), torch.tensor(x, dtype=dtype), **settings)


def cells(**settings):
    """A cell of each library, by the library's name."""
    return {
        "snnTorch": snntorch.Leaky(beta=0.9, **settings),
        "SpikingJelly": neuron.LIFNode(),
        "norse": norse.LIFCell(),
    }


class Shaped(torch.autograd.Function):
    """A spike whose derivative is a number times that of a sigmoid of slope beta."""

    @staticmethod
    def forward(ctx, v, factor, beta=4.0):
        ctx.save_for_backward(v)
        ctx.factor, ctx.beta = factor, beta
        return (v > 0).to(v.dtype)

    @staticmethod
    def backward(ctx, cotangent):
        p = torch.sigmoid(ctx.beta * ctx.saved_tensors[0])
        return cotangent * ctx.factor * ctx.beta * p * (1 - p), None, None


def shaped(factor, beta=4.0):
    return lambda v: Shaped.apply(v, factor, beta)
