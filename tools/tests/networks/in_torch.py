"""Networks in PyTorch: right ones in many styles, and a row for each fault with its kinds."""

from tools.tests.torch.libraries import functional, neuron, norse, snntorch, surrogate, torch

from snn_tools.torch import Sigmoid  # isort: skip

BATCH, NEURONS, STEPS, CLASSES, INPUTS = 4, 16, 20, 3, 8


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


def regularised(outputs, labels):
    out, rates = outputs
    return max_over_time(out, labels) + 10 * (torch.relu(rates - 0.1) ** 2).mean(dim=1)


def forward(net, x):
    return net(x)


def built(net, loss=max_over_time, gain=3.0):
    """Return a network after drawing its weights; `gain` is that of layers that see the input."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.ndim > 1:
                scale = 6.0 if name.startswith("dense") else 1.5
                scale = (gain if name.startswith("fc1") else scale) / p[0].numel() ** 0.5
                p.copy_(scale * torch.randn(p.shape, generator=generator))
    return net, forward, data(), loss, Sigmoid(4.0)


def linear(n, m):
    return torch.nn.Linear(n, m, bias=False)


def step_with(backward, threshold=0.0):
    """Return a spike whose backward pass is a function of potential and arriving gradient."""

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx, v):
            ctx.save_for_backward(v)
            return (v > threshold).to(v.dtype)

        @staticmethod
        def backward(ctx, g):
            return backward(ctx.saved_tensors[0], g)

    return Spike.apply


def scaled(factor, slope=4.0, at=0.0):
    """Return a spike whose derivative is that of SuperSpike times a factor."""
    return step_with(lambda v, g: g * factor / (1 + slope * (v - at).abs()) ** 2)


OWN, OF_U = scaled(1.0), scaled(1.0, at=-1.0)


class Leaky(torch.nn.Module):
    """Layers of snnTorch and a leaky readout."""

    def __init__(self, spike_grad=None, hidden=1, rates=False, **settings):
        super().__init__()
        self.fc1, self.fc2, self.rates = linear(INPUTS, NEURONS), linear(NEURONS, CLASSES), rates
        grad = spike_grad or snntorch.surrogate.atan(2.0)
        cell = lambda: snntorch.Leaky(0.9, spike_grad=grad, **settings)  # noqa: E731
        self.cells = torch.nn.ModuleList(cell() for _ in range(hidden))
        self.between = torch.nn.ModuleList(linear(NEURONS, NEURONS) for _ in range(hidden - 1))

    def forward(self, x):
        for cell in self.cells:
            cell.reset_mem()
        y, out, rates = 0.0, [], 0.0
        for t in range(x.shape[1]):
            s = self.cells[0](self.fc1(x[:, t]))[0]
            for between, cell in zip(self.between, self.cells[1:], strict=True):
                s = cell(between(s))[0]
            y, rates = 0.8 * y + self.fc2(s.to(x.dtype)), rates + s / x.shape[1]
            out.append(y)
        out = torch.stack(out, dim=1)
        return (out, rates) if self.rates else out


class ByHand(torch.nn.Module):
    """A recurrent layer by hand; right styles and faults are arguments."""

    def __init__(
        self, spike=OWN, theta=1.0, reset=None, adaptive=False, delayed=False, backend="torch", **on
    ):
        super().__init__()
        self.fc1, self.rec = linear(INPUTS, NEURONS), linear(NEURONS, NEURONS)
        self.fc2 = linear(NEURONS, CLASSES)
        self.rest = torch.nn.Parameter(torch.full((NEURONS,), -0.2)) if adaptive else None
        self.spike, self.theta, self.reset_by, self.delayed = spike, theta, reset or spike, delayed
        self.backend, same = backend, lambda x: x
        names = ("state", "recurrent", "sent", "clip")
        self.state, self.recurrent, self.sent, self.clip = (on.get(name, same) for name in names)

    def fire(self, v):
        if self.backend == "torch":
            return self.spike(v)
        return (v > 0).to(v.dtype)  # a backend of its own, without a surrogate

    def forward(self, x):
        u = z = late = x.new_zeros(x.shape[0], NEURONS)
        y, a, out = 0.0, 0.0, []
        for t in range(x.shape[1]):
            seen, late = (late, z) if self.delayed else (z, z)
            current = self.fc1(x[:, t]) + 0.5 * self.rec(self.recurrent(seen))
            u = self.clip(0.9 * self.state(u) + current)
            theta = self.theta if self.rest is None else self.theta + self.rest + 0.3 * a
            z = self.fire(u - theta)
            r = z if self.reset_by is self.spike else self.reset_by(u - theta)
            u, a = u * (1 - r.detach()), 0.95 * a + z.detach()
            y = 0.8 * y + self.fc2(self.sent(z))
            out.append(y)
        return torch.stack(out, dim=1)


class Jelly(torch.nn.Module):
    """A convolution and a dense layer of SpikingJelly."""

    def __init__(self, **settings):
        super().__init__()
        cell = lambda: neuron.LIFNode(tau=2.0, surrogate_function=surrogate.ATan(), **settings)  # noqa: E731
        self.fc1, self.first = torch.nn.Conv1d(1, 4, 3, padding=1, bias=False), cell()
        self.dense, self.second, self.fc2 = linear(4 * INPUTS, 6), cell(), linear(6, CLASSES)

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
        self.fc1, self.fc2 = linear(INPUTS, NEURONS), linear(NEURONS, CLASSES)
        self.cell = norse.LIFRecurrentCell(NEURONS, NEURONS, p=norse.LIFParameters(method=method))

    def forward(self, x):
        state, y, out = None, 0.0, []
        for t in range(x.shape[1]):
            s, state = self.cell(4 * self.fc1(x[:, t]), state)
            y = 0.8 * y + self.fc2(s)
            out.append(y)
        return torch.stack(out, dim=1)


class Trained(torch.nn.Module):
    """A spike function that is a plain comparison in eval()."""

    def forward(self, v):
        return OWN(v) if self.training else (v > 0).to(v.dtype)


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
    p = torch.sigmoid(4.0 * v)
    return (torch.rand_like(p) < p).to(v.dtype) + p - p.detach()


class Drawn(torch.autograd.Function):
    """A spike that is drawn; a neuron that calls it twice has two spikes."""

    @staticmethod
    def forward(ctx, v):
        p = torch.sigmoid(4.0 * v)
        ctx.save_for_backward(p)
        return torch.bernoulli(p)

    @staticmethod
    def backward(ctx, g):
        (p,) = ctx.saved_tensors
        return 4.0 * g * p * (1 - p)


RIGHT = {
    "snnTorch, max over time": lambda: built(Leaky()),
    "snnTorch, two layers": lambda: built(Leaky(snntorch.surrogate.fast_sigmoid(25), hidden=2)),
    "snnTorch, reset to zero": lambda: built(Leaky(reset_mechanism="zero"), softmax_over_time),
    "rate regulariser": lambda: built(Leaky(rates=True), regularised),
    "own function, recurrent": lambda: built(ByHand(), softmax_over_time),
    "own function, adaptive": lambda: built(ByHand(adaptive=True), last_step),
    "own function, delays": lambda: built(ByHand(delayed=True), softmax_over_time),
    "own function of two arguments": lambda: built(ByHand(Threshold())),
    "SpikingJelly, convolution": lambda: built(Jelly(), last_step, gain=5.0),
    "SpikingJelly, soft and detached": lambda: built(
        Jelly(v_reset=None, detach_reset=True), softmax_over_time, gain=5.0
    ),
    "norse, recurrent": lambda: built(Norse(), max_over_time, gain=6.0),
    "norse, tanh": lambda: built(Norse("tanh"), last_step, gain=6.0),
}
FAULTY = {
    "state detached at each step": (lambda: built(ByHand(state=torch.detach)), {"scaled", "cut"}),
    "recurrence detached": (lambda: built(ByHand(recurrent=torch.detach)), {"scaled", "cut"}),
    "readout cut": (lambda: built(ByHand(sent=torch.detach)), {"cut"}),
    "spikes compared": (lambda: built(ByHand(sent=lambda z: (z > 0.5).to(z.dtype))), {"cut"}),
    "surrogate of u": (lambda: built(ByHand(OF_U)), {"aside"}),
    "surrogate of u, threshold inside": (
        lambda: built(ByHand(step_with(lambda u, g: g / (1 + 4 * u.abs()) ** 2, 1.0), theta=0.0)),
        {"aside"},
    ),
    "wrong sign": (lambda: built(Leaky(scaled(-1.0))), {"shape"}),
    "backward pass without the gradient": (
        lambda: built(Leaky(step_with(lambda v, g: 1 / (1 + 4 * v.abs()) ** 2))), {"chain"}
    ),
    "slope forgotten": (lambda: built(Leaky(scaled(1.0, 0.1)), gain=1.5), {"flat"}),
    "overflow": (lambda: built(Leaky(snntorch.surrogate.sigmoid(25))), {"overflow"}),
    "eight layers of height 8": (lambda: built(Leaky(scaled(8.0), hidden=8)), {"explodes"}),
    "eight layers of height 1/16": (lambda: built(Leaky(scaled(1 / 16), hidden=8)), {"vanishes"}),
    "dead without noise": (lambda: built(Leaky(), gain=0.15), {"silent"}),
    "clip at the threshold": (lambda: built(ByHand(clip=lambda u: u.clamp(max=1.0))), {"clipped"}),
    "reset drawn separately": (
        lambda: built(ByHand(Drawn.apply, reset=lambda v: Drawn.apply(v))), {"redrawn"}
    ),
    "reset drawn again by snnTorch": (lambda: built(Leaky(Drawn.apply)), {"redrawn"}),
    "reset drawn separately, in code": (
        lambda: built(ByHand(drawn, reset=lambda v: drawn(v))), {"redrawn"}
    ),
    "off in eval()": (lambda: built(ByHand(Trained()).eval()), {"off"}),
    "fused backend": (lambda: built(ByHand(backend="fused")), {"off"}),
}  # fmt: skip
