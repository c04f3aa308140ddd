"""Networks in PyTorch, right ones and ones with a fault: what `build` of `snn_tools.torch` returns.

A fault is a change of a few lines to a right network. Its row names the findings that name it.
"""

from tools.tests.torch.libraries import functional, neuron, norse, snntorch, surrogate, torch

from snn_tools.torch import Sigmoid  # isort: skip

BATCH, NEURONS, STEPS, CLASSES, INPUTS = 4, 16, 20, 3, 8
fast_sigmoid = snntorch.surrogate.fast_sigmoid


def data(steps=STEPS, rate=0.3, features=INPUTS):
    generator = torch.Generator().manual_seed(7)
    x = (torch.rand(BATCH, steps, features, generator=generator) < rate).float()
    return x, torch.tensor([0, 2, 1, 2])


def cross_entropy(scores, labels):
    return torch.nn.functional.cross_entropy(scores, labels, reduction="none")


def max_over_time(out, labels):
    return cross_entropy(out.amax(dim=1), labels)


def softmax_over_time(out, labels):
    return cross_entropy(torch.softmax(out, dim=-1).sum(dim=1), labels)


def last_step(out, labels):
    return cross_entropy(out[:, -1], labels)


def forward(net, x):
    return net(x)


def built(net, loss=max_over_time, x=None, gain=3.0, noise=4.0):
    """Return a network after drawing its weights; `gain` is that of layers that see the input."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.ndim > 1:
                scale = 6.0 if name.startswith("dense") else 1.5
                scale = (gain if name.startswith("fc1") else scale) / p[0].numel() ** 0.5
                p.copy_(scale * torch.randn(p.shape, generator=generator))
    return net, forward, x or data(), loss, Sigmoid(noise)


class Leaky(torch.nn.Module):
    """A hidden layer of snnTorch and a leaky readout; what faults change are arguments."""

    def __init__(self, spike_grad=None, hidden=1, **settings):
        super().__init__()
        grad = spike_grad or snntorch.surrogate.atan(2.0)
        self.fc1 = torch.nn.Linear(INPUTS, NEURONS, bias=False)
        cell = lambda: snntorch.Leaky(0.9, spike_grad=grad, **settings)  # noqa: E731
        self.cells = torch.nn.ModuleList(cell() for _ in range(hidden))
        linear = lambda: torch.nn.Linear(NEURONS, NEURONS, bias=False)  # noqa: E731
        self.between = torch.nn.ModuleList(linear() for _ in range(hidden - 1))
        self.fc2 = torch.nn.Linear(NEURONS, CLASSES, bias=False)

    def forward(self, x):
        for cell in self.cells:
            cell.reset_mem()
        y, out = 0.0, []
        for t in range(x.shape[1]):
            s = self.cells[0](self.fc1(x[:, t]))[0]
            for linear, cell in zip(self.between, self.cells[1:], strict=True):
                s = cell(linear(s))[0]
            y = 0.8 * y + self.fc2(s.to(x.dtype))
            out.append(y)
        return torch.stack(out, dim=1)


class Own(torch.autograd.Function):
    """A step with the derivative of SuperSpike, as one writes it by hand."""

    @staticmethod
    def forward(ctx, v):
        ctx.save_for_backward(v)
        return (v > 0).to(v.dtype)

    @staticmethod
    def backward(ctx, g):
        (v,) = ctx.saved_tensors
        return g / (1 + 4 * v.abs()) ** 2


class ByHand(torch.nn.Module):
    """A recurrent layer written by hand; what faults change are methods."""

    spike_grad = staticmethod(Own.apply)

    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(INPUTS, NEURONS, bias=False)
        self.rec = torch.nn.Linear(NEURONS, NEURONS, bias=False)
        self.fc2 = torch.nn.Linear(NEURONS, CLASSES, bias=False)
        self.theta = 1.0

    def start(self, x):
        return x.new_zeros(x.shape[0], NEURONS), x.new_zeros(x.shape[0], NEURONS)

    def spike(self, u):
        return self.spike_grad(u - self.theta)

    def cell(self, current, u, z):
        u = 0.9 * u * (1 - z.detach()) + current + 0.5 * self.rec(z)
        return u, self.spike(u)

    def forward(self, x):
        (u, z), y, out = self.start(x), 0.0, []
        for t in range(x.shape[1]):
            u, z = self.cell(self.fc1(x[:, t]), u, z)
            y = 0.8 * y + self.fc2(z)
            out.append(y)
        return torch.stack(out, dim=1)


class Adaptive(ByHand):
    """The threshold rises with each spike, and its rest is learnt."""

    def __init__(self):
        super().__init__()
        del self.rec
        self.rest = torch.nn.Parameter(torch.full((NEURONS,), 0.8))

    def start(self, x):
        self.a = x.new_zeros(x.shape[0], NEURONS)
        return super().start(x)

    def cell(self, current, u, z):
        self.a = 0.95 * self.a + z
        theta = self.rest + 0.3 * self.a
        u = 0.9 * u - z.detach() * theta + current
        return u, self.spike_grad(u - theta)


class Delayed(ByHand):
    """Spikes arrive two steps later at the recurrent weights."""

    def start(self, x):
        self.late = [torch.zeros(x.shape[0], NEURONS, dtype=x.dtype)] * 2
        return super().start(x)

    def cell(self, current, u, z):
        self.late = [*self.late[1:], z]
        u = 0.9 * u - z.detach() + current + 0.5 * self.rec(self.late[0])
        return u, self.spike(u)


class Jelly(torch.nn.Module):
    """A convolution and a dense layer of SpikingJelly."""

    def __init__(self, **settings):
        super().__init__()
        self.fc1 = torch.nn.Conv1d(1, 4, 3, padding=1, bias=False)
        self.first = neuron.LIFNode(tau=2.0, surrogate_function=surrogate.ATan(), **settings)
        self.dense = torch.nn.Linear(4 * INPUTS, 6, bias=False)
        self.second = neuron.LIFNode(tau=2.0, surrogate_function=surrogate.ATan(), **settings)
        self.fc2 = torch.nn.Linear(6, CLASSES, bias=False)

    def forward(self, x):
        functional.reset_net(self)
        out = []
        for t in range(x.shape[1]):
            s = self.first(self.fc1(x[:, t, None]))
            out.append(self.fc2(self.second(self.dense(s.flatten(1)))))
        return torch.stack(out, dim=1)


class Norse(torch.nn.Module):
    """A recurrent layer of norse, and a leaky readout."""

    def __init__(self, method="super"):
        super().__init__()
        self.fc1 = torch.nn.Linear(INPUTS, NEURONS, bias=False)
        self.cell = norse.LIFRecurrentCell(NEURONS, NEURONS, p=norse.LIFParameters(method=method))
        self.fc2 = torch.nn.Linear(NEURONS, CLASSES, bias=False)

    def forward(self, x):
        state, y, out = None, 0.0, []
        for t in range(x.shape[1]):
            s, state = self.cell(4 * self.fc1(x[:, t]), state)
            y = 0.8 * y + self.fc2(s)
            out.append(y)
        return torch.stack(out, dim=1)


class WithMore(Leaky):
    """The membrane of a second neuron is the output, and a third is not called."""

    def __init__(self):
        super().__init__()
        self.membrane = snntorch.Leaky(0.8, reset_mechanism="none")
        self.spare = snntorch.Leaky(0.8)

    def forward(self, x):
        self.cells[0].reset_mem()
        u, out = self.membrane.reset_mem(), []
        for t in range(x.shape[1]):
            s = self.cells[0](self.fc1(x[:, t]))[0]
            _, u = self.membrane(self.fc2(s), u)
            out.append(u)
        return torch.stack(out, dim=1)


class Regularised(Leaky):
    """Rates come with the output, for a penalty in the loss."""

    def forward(self, x):
        self.cells[0].reset_mem()
        y, out, rates = 0.0, [], 0.0
        for t in range(x.shape[1]):
            s = self.cells[0](self.fc1(x[:, t]))[0]
            rates = rates + s / x.shape[1]
            y = 0.8 * y + self.fc2(s)
            out.append(y)
        return torch.stack(out, dim=1), rates


def regularised(outputs, labels):
    out, rates = outputs
    return max_over_time(out, labels) + 10 * (torch.relu(rates - 0.1) ** 2).mean(dim=1)


def enumerable(spike_grad=None, hidden=2, noise=4.0):
    """A network that is so small that its exact gradient is enumerated."""

    class Tiny(torch.nn.Module):
        def __init__(self):
            super().__init__()
            sizes = [3] + [2] * hidden
            self.linears = torch.nn.ModuleList(map(torch.nn.Linear, sizes, sizes[1:]))
            cell = lambda: snntorch.Leaky(0.9, spike_grad=spike_grad)  # noqa: E731
            self.cells = torch.nn.ModuleList(cell() for _ in range(hidden))
            self.readout = torch.nn.Linear(2, 2)

        def forward(self, x):
            out = 0.0
            for cell in self.cells:
                cell.reset_mem()
            for t in range(x.shape[1]):
                s = x[:, t]
                for linear, cell in zip(self.linears, self.cells, strict=True):
                    s = cell(1.5 * linear(s) + 0.5)[0]
                out = out + self.readout(s)
            return out / x.shape[1]

    torch.manual_seed(4)
    x = 2 * torch.rand(2, 3, 3)
    return Tiny(), forward, x, lambda out: ((out - 0.3) ** 2).sum(dim=1), Sigmoid(noise)


RIGHT = {
    "snnTorch, max over time": lambda: built(Leaky()),
    "snnTorch, two layers, fast sigmoid": lambda: built(Leaky(fast_sigmoid(25), hidden=2)),
    "snnTorch, reset to zero": lambda: built(Leaky(reset_mechanism="zero"), softmax_over_time),
    "snnTorch, readout by its membrane": lambda: built(WithMore()),
    "snnTorch, enumerated": enumerable,
    "rate regulariser": lambda: built(Regularised(), regularised),
    "own function, recurrent": lambda: built(ByHand(), softmax_over_time),
    "own function, adaptive, learnt threshold": lambda: built(Adaptive(), last_step),
    "own function, delays": lambda: built(Delayed(), softmax_over_time),
    "SpikingJelly, convolution": lambda: built(Jelly(), last_step, gain=5.0),
    "SpikingJelly, soft and detached": lambda: built(
        Jelly(v_reset=None, detach_reset=True), softmax_over_time, gain=5.0
    ),
    "norse, recurrent": lambda: built(Norse(), max_over_time, gain=6.0),
    "norse, tanh": lambda: built(Norse("tanh"), last_step, gain=6.0),
}


# Faults.


class Detached(ByHand):
    """The potential is detached at each step."""

    def cell(self, current, u, z):
        return super().cell(current, u.detach(), z)


class CutRecurrence(ByHand):
    """Recurrent spikes are detached."""

    def cell(self, current, u, z):
        u = 0.9 * u * (1 - z.detach()) + current + 0.5 * self.rec(z.detach())
        return u, self.spike(u)


class OfU(torch.autograd.Function):
    """A step at the threshold 1 whose surrogate is that of u, and not of u - 1."""

    @staticmethod
    def forward(ctx, v):
        ctx.save_for_backward(v + 1.0)
        return (v > 0).to(v.dtype)

    backward = Own.backward


class UAbove(torch.autograd.Function):
    """The same with the threshold inside."""

    @staticmethod
    def forward(ctx, u):
        ctx.save_for_backward(u)
        return (u > 1.0).to(u.dtype)

    backward = Own.backward


class SurrogateOfU(ByHand):
    spike_grad = staticmethod(OfU.apply)


class ThresholdInside(ByHand):
    spike_grad = staticmethod(UAbove.apply)

    def spike(self, u):
        return self.spike_grad(u)


class Clipped(ByHand):
    """The potential cannot rise above the threshold."""

    def cell(self, current, u, z):
        u = (0.9 * u - z.detach() + current + 0.5 * self.rec(z)).clamp(-1.0, 1.0)
        return u, self.spike(u)


class OffInEval(ByHand):
    """In `eval()` the spike is a comparison, without a surrogate."""

    def spike(self, u):
        return super().spike(u) if self.training else (u > self.theta).to(u.dtype)


class Random(torch.autograd.Function):
    """A spike that is drawn."""

    @staticmethod
    def forward(ctx, v):
        ctx.save_for_backward(v)
        return torch.bernoulli(torch.sigmoid(4 * v))

    backward = Own.backward


class DrawnTwice(ByHand):
    """The reset is drawn apart from the spike that the neuron sends."""

    spike_grad = staticmethod(Random.apply)

    def cell(self, current, u, z):
        u = 0.9 * u + current + 0.5 * self.rec(z)
        s = self.spike(u)
        return u - self.spike(u).detach(), s


class DrawnInCode(ByHand):
    """The same without a spike function: two comparisons with random numbers."""

    def spike(self, u):
        p = torch.sigmoid(4 * (u - self.theta))
        return (torch.rand_like(p) < p).to(u.dtype).detach() + p - p.detach()

    def cell(self, current, u, z):
        u = 0.9 * u + current + 0.5 * self.rec(z)
        s = self.spike(u)
        return u - self.spike(u).detach(), s


def scaled(factor, slope=4.0, sign=1.0):
    """Return a spike whose derivative is that of SuperSpike times a factor."""

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx, v):
            ctx.save_for_backward(v)
            return (v > 0).to(v.dtype)

        @staticmethod
        def backward(ctx, g):
            (v,) = ctx.saved_tensors
            return g * factor / (1 + slope * v.abs()) ** 2

    return Spike.apply


def unequal():
    net = Leaky(scaled(2.0), hidden=2)
    net.cells[1].spike_grad = scaled(0.1)
    return built(net)


def cut_readout():
    class Cut(Leaky):
        def forward(self, x):
            return super().forward(x).detach() + 0 * self.fc2.weight.sum()

    return built(Cut())


def binarised():
    class Binary(ByHand):
        def spike(self, u):
            return (super().spike(u) > 0.5).to(u.dtype)

    return built(Binary())


def in_eval():
    net = OffInEval()
    return built(net.eval())


class Fused(ByHand):
    """A backend of its own, whose spikes have no surrogate."""

    def __init__(self):
        super().__init__()
        self.backend = "fused"

    def spike(self, u):
        return super().spike(u) if self.backend == "torch" else (u > self.theta).to(u.dtype)


FAULTY = {
    "potential detached at each step": (lambda: built(Detached()), {"scaled", "cut"}),
    "recurrent spikes detached": (lambda: built(CutRecurrence()), {"scaled", "cut"}),
    "output detached": (cut_readout, {"cut"}),
    "spikes compared": (binarised, {"cut", "compared"}),
    "surrogate of u": (lambda: built(SurrogateOfU()), {"aside"}),
    "surrogate of u, threshold inside": (lambda: built(ThresholdInside()), {"aside"}),
    "wrong sign": (lambda: built(Leaky(scaled(-1.0))), {"shape"}),
    "slope forgotten": (lambda: built(Leaky(scaled(1.0, 0.1)), gain=1.5), {"flat"}),
    "overflow": (lambda: built(Leaky(snntorch.surrogate.sigmoid(25))), {"overflow"}),
    "heights differ by layer": (unequal, {"unequal"}),
    "eight layers of height 8": (
        lambda: built(Leaky(scaled(8.0), hidden=8)), {"explodes"}
    ),
    "eight layers of height 1/16": (
        lambda: built(Leaky(scaled(1 / 16), hidden=8)), {"vanishes"}
    ),
    "dead without noise": (lambda: built(Leaky(), gain=0.15), {"silent"}),
    "clip at the threshold": (lambda: built(Clipped()), {"clipped"}),
    "reset drawn separately": (lambda: built(DrawnTwice()), {"redrawn"}),
    "reset drawn separately, in code": (lambda: built(DrawnInCode()), {"redrawn"}),
    "off in eval()": (in_eval, {"off"}),
    "fused backend": (lambda: built(Fused()), {"off"}),
}  # fmt: skip
"""Each fault, and the kinds of findings that name it."""
