"""Networks in PyTorch: right ones in many styles, and one for each fault."""

from functools import partial

from tools.tests.networks.faults import FAULTS, times
from tools.tests.spikes import same
from tools.tests.torch.libraries import neuron, norse, snntorch, surrogate, torch
from tools.tests.torch.networks import Net

from snn_tools.torch import Sigmoid  # isort: skip

BATCH, NEURONS, STEPS, CLASSES, INPUTS = 4, 16, 20, 3, 8


def data():
    generator = torch.Generator().manual_seed(7)
    x = (torch.rand(BATCH, STEPS, INPUTS, generator=generator) < 0.3).float()
    return x, torch.tensor([0, 2, 1, 2])


def cross_entropy(scores, labels):
    return torch.nn.functional.cross_entropy(scores, labels, reduction="none")


def max_over_time(out, labels):
    return cross_entropy(out.amax(dim=1), labels)


def softmax_over_time(out, labels):
    return cross_entropy(torch.softmax(out, dim=-1).sum(dim=1), labels)


def last_step(out, labels):
    return cross_entropy(out[:, -1], labels)


def regularised(outputs, labels):
    out, rates = outputs
    return max_over_time(out, labels) + 10 * (torch.relu(rates - 0.1) ** 2).mean(dim=1)


def built(net, loss=max_over_time, gain=3.0):
    """Return a network after drawing its weights; `gain` is that of weights between layers."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.ndim > 1:
                scale = (gain if name.startswith("linears") else 1.5) / p[0].numel() ** 0.5
                p.copy_(scale * torch.randn(p.shape, generator=generator))
            elif name.endswith("bias"):
                p.zero_()
    return net, lambda net, x: net(x), data(), loss, Sigmoid(4.0)


def library(*neurons, gain=3.0, loss=max_over_time, **settings):
    """Layers of a library's neurons."""
    return built(Net(neurons, NEURONS, INPUTS, CLASSES, **settings), loss, gain)


def spike_with(backward):
    """Return a spike whose backward pass is a function of potential and arriving gradient."""

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx, v):
            ctx.save_for_backward(v)
            return (v > 0).to(v.dtype)

        @staticmethod
        def backward(ctx, g):
            return backward(ctx.saved_tensors[0], g)

    return Spike.apply


OWN = spike_with(times())


class ByHand(torch.nn.Module):
    """Layers by hand, of which the first is recurrent; right styles and faults are arguments."""

    def __init__(self, spikes=(OWN,), threshold=1.0, reset=None, adaptive=False, **on):
        super().__init__()
        linear = partial(torch.nn.Linear, bias=False)
        sizes = [INPUTS] + [NEURONS] * len(spikes)
        self.linears = torch.nn.ModuleList(map(linear, sizes, sizes[1:]))
        self.rec, self.readout = linear(NEURONS, NEURONS), linear(NEURONS, CLASSES)
        self.rest = torch.nn.Parameter(torch.full((NEURONS,), -0.2)) if adaptive else None
        self.spikes, self.threshold, self.reset, self.on = spikes, threshold, reset, on
        self.parts = torch.nn.ModuleList(s for s in spikes if isinstance(s, torch.nn.Module))

    def forward(self, x):
        names = ("state", "recurrent", "sent", "clip")
        state, recurrent, sent, clip = (self.on.get(name, same) for name in names)
        zero = x.new_zeros(x.shape[0], NEURONS)
        states, y, out, rates = [(zero,) * 4] * len(self.spikes), 0.0, [], 0.0
        for t in range(x.shape[1]):
            h = x[:, t]
            for k, (spike, linear) in enumerate(zip(self.spikes, self.linears, strict=True)):
                u, z, late, a = states[k]
                seen = recurrent(late if "delayed" in self.on else z)
                current = linear(h) + (0.5 * self.rec(seen) if k == 0 else 0.0)
                u = clip(0.9 * state(u) + current)
                v = u - self.threshold - (0.0 if self.rest is None else self.rest + 0.3 * a)
                s = spike(v)
                r = self.reset(v) if self.reset else s
                states[k] = u * (1 - r.detach()), s, z, 0.95 * a + s.detach()
                h = sent(s)
            y, rates = 0.8 * y + self.readout(h), rates + h / x.shape[1]
            out.append(y)
        out = torch.stack(out, dim=1)
        return (out, rates) if "rates" in self.on else out


class Switched(torch.nn.Module):
    """A spike function that is a plain comparison in eval(), or by a backend of its own."""

    def __init__(self, backend="torch"):
        super().__init__()
        self.backend = backend

    def forward(self, v):
        return OWN(v) if self.training and self.backend == "torch" else (v > 0).to(v.dtype)


class OfTwo(torch.autograd.Function):
    """A step of the potential and a learnt threshold."""

    @staticmethod
    def forward(ctx, u, theta):
        ctx.save_for_backward(u - theta)
        return (u > theta).to(u.dtype)

    @staticmethod
    def backward(ctx, g):
        slope = g / (1 + 4 * ctx.saved_tensors[0].abs()) ** 2
        return slope, -slope


class Threshold(torch.nn.Module):
    """Adds a learnt threshold to the spike function."""

    def __init__(self):
        super().__init__()
        self.theta = torch.nn.Parameter(torch.full((NEURONS,), 0.1))

    def forward(self, v):
        return OfTwo.apply(v, self.theta.expand_as(v))


def drawn(v):
    """A spike that is drawn; a neuron that calls it twice has two spikes."""
    p = torch.sigmoid(4.0 * v)
    return (torch.rand_like(p) < p).to(v.dtype) + p - p.detach()


def convolutional(loss, **settings):
    """A convolution and a dense layer of SpikingJelly."""
    conv = torch.nn.Conv1d(1, 4, 3, padding=1, bias=False)
    first = torch.nn.Sequential(torch.nn.Unflatten(1, (1, INPUTS)), conv, torch.nn.Flatten())
    second = torch.nn.Linear(4 * INPUTS, NEURONS, bias=False)
    cells = (
        neuron.LIFNode(tau=2.0, surrogate_function=surrogate.ATan(), **settings) for _ in range(2)
    )
    return library(*cells, linears=(first, second), gain=5.0, loss=loss)


def of_norse(method, loss):
    p = norse.LIFParameters(method=method)
    return library(norse.LIFRecurrentCell(NEURONS, NEURONS, p=p), gain=24.0, loss=loss)


def lif(layers=None, gain=3.0, drawn_twice=False, **on):
    """The network of a fault."""
    if drawn_twice:
        return built(ByHand([drawn], reset=drawn), gain=gain)
    spikes = [spike_with(own) for own in layers or [times()]]
    return built(ByHand(spikes, **on), gain=gain)


ATAN = snntorch.surrogate.atan(2.0)
RIGHT = {
    "snnTorch, max over time": lambda: library(snntorch.Leaky(0.9, spike_grad=ATAN)),
    "snnTorch, two layers": lambda: library(
        *(snntorch.Leaky(0.9, spike_grad=snntorch.surrogate.fast_sigmoid(25)) for _ in range(2))
    ),
    "snnTorch, reset to zero": lambda: library(
        snntorch.Leaky(0.9, reset_mechanism="zero"), loss=softmax_over_time
    ),
    "rate regulariser": lambda: built(ByHand(rates=True), regularised),
    "own function, recurrent": lambda: built(ByHand(), softmax_over_time),
    "own function, asked twice": lambda: built(ByHand(reset=lambda v: OWN(v))),
    "own function, adaptive": lambda: built(ByHand(adaptive=True), last_step),
    "own function, delays": lambda: built(ByHand(delayed=True), softmax_over_time),
    "own function of two arguments": lambda: built(ByHand([Threshold()])),
    "SpikingJelly, convolution": lambda: convolutional(last_step),
    "SpikingJelly, soft and detached": lambda: convolutional(
        softmax_over_time, v_reset=None, detach_reset=True
    ),
    "norse, recurrent": lambda: of_norse("super", max_over_time),
    "norse, tanh": lambda: of_norse("tanh", last_step),
}
FAULTY = {name: (partial(lif, **on), kinds) for name, (on, kinds) in FAULTS.items()} | {
    "off in eval()": (lambda: built(ByHand([Switched()]).eval()), {"off"}),
    "fused backend": (lambda: built(ByHand([Switched("fused")])), {"off"}),
}
