"""Four networks of three libraries, and the same ones in JAX."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.lax import stop_gradient

import snn
from tools.tests.torch.libraries import neuron, norse, snntorch, surrogate, torch

from snn_tools.torch import Program, Sigmoid  # isort: skip

BETA = 4.0
spikes = snn.SpikeFunction(snn.escape.Sigmoid(BETA))
f64 = partial(torch.tensor, dtype=torch.float64)


class Net(torch.nn.Module):
    """Layers of neurons between linear ones; spikes of each step, weighted, are its output."""

    def __init__(self, neurons, hidden=2, inputs=3, outputs=2, linears=None):
        super().__init__()
        sizes = [inputs] + [hidden] * len(neurons)
        self.linears = torch.nn.ModuleList(linears or map(torch.nn.Linear, sizes, sizes[1:]))
        self.neurons = torch.nn.ModuleList(neurons)
        self.readout = torch.nn.Linear(hidden, outputs)

    def forward(self, x):
        for cell in self.neurons:
            getattr(cell, "reset_mem", getattr(cell, "reset", int))()
        states, out = [None] * len(self.neurons), []
        for t in range(x.shape[1]):
            h = x[:, t]
            for k, (linear, cell) in enumerate(zip(self.linears, self.neurons, strict=True)):
                if isinstance(cell, neuron.BaseNode):
                    h = cell(linear(h))
                elif type(cell).__module__.startswith("norse"):
                    h, states[k] = cell(linear(h), states[k])
                else:
                    h = cell(linear(h))[0]
                h = h.to(x.dtype)  # spikes of snnTorch are float32
            out.append(self.readout(h))
        return torch.stack(out, dim=1)


def squared(out):
    return ((out.mean(dim=1) - 0.3) ** 2).sum(dim=-1)


# Cells in JAX: (parameters of the cell, state, current) -> (state, spikes).


def leaky(p, state, i, reset="subtract"):
    u, s = state
    s = stop_gradient(s)
    u = 0.9 * (u * (1 - s) if reset == "zero" else u) + i - (s if reset == "subtract" else 0.0)
    s = spikes(u - 1.0)
    return (u, s), s


def jelly(p, state, i):
    (u,) = state
    leak = jax.nn.sigmoid(p["w"]) if "w" in p else 0.5
    u = u + (i - u) * leak
    s = spikes(u - 1.0)
    return (u * (1 - s),), s


def norse_recurrent(p, state, i):
    j, u, s = state
    weights = p["recurrent_weights"] * (1 - jnp.eye(len(u)))  # no autapses
    j = j + p["input_weights"] @ i + weights @ s
    u = u + 0.3 * (j - u)
    s = spikes(u - 1.0)
    return (j - 0.2 * j, u * (1 - stop_gradient(s)), s), s


def arctan(v, s, escape):
    """The derivative of snnTorch's default and of SpikingJelly's ATan."""
    return 1 / (1 + (jnp.pi * v) ** 2)


def superspike(v, s, escape):
    """The derivative of norse, whatever its alpha."""
    return 1 / (1 + abs(v)) ** 2


class Pair(NamedTuple):
    """A network of a library, and in JAX its cells, the number of their state's arrays, and g."""

    neurons: list
    cell: object
    n_states: int
    derivative: object = arctan


LIF = norse.LIFParameters(
    tau_syn_inv=f64(200.0), tau_mem_inv=f64(300.0), v_leak=f64(0.0), v_th=f64(1.0),
    v_reset=f64(0.0), method="super", alpha=f64(100.0),
)  # fmt: skip


def leaky_of(n=1, **settings):
    return [snntorch.Leaky(beta=f64(0.9), **settings) for _ in range(n)]


def pairs():
    torch.manual_seed(1)
    return {
        "snnTorch, Leaky, to zero": Pair(
            leaky_of(reset_mechanism="zero"), partial(leaky, reset="zero"), 2
        ),
        "snnTorch, two layers": Pair(leaky_of(2), leaky, 2),
        "SpikingJelly, parametric LIF, two layers": Pair(
            [neuron.ParametricLIFNode(surrogate_function=surrogate.ATan()) for _ in range(2)],
            jelly,
            1,
        ),
        "norse, LIF, recurrent": Pair(
            [norse.LIFRecurrentCell(2, 2, p=LIF, dt=0.001)], norse_recurrent, 3, superspike
        ),
    }


def of_torch(pair):
    """The program in PyTorch, and its parameters as those of JAX."""
    torch.manual_seed(2)
    net = Net(pair.neurons).double()
    x = 2.0 * torch.rand(1, 3 if len(pair.neurons) > 1 else 4, 3, dtype=torch.float64)
    program = Program(net, lambda net, x: net(x), x, squared, Sigmoid(BETA))
    return program, {k: jnp.array(v.detach().numpy()) for k, v in program.parameters.items()}


def of_jax(pair, x):
    """Return this program in JAX."""

    def linear(p, name, x):
        return p[f"{name}.weight"] @ x + p[f"{name}.bias"]

    def step(params, states, x):
        after = []
        for k, state in enumerate(states):
            head = f"neurons.{k}."
            own = {n.removeprefix(head): v for n, v in params.items() if n.startswith(head)}
            state, x = pair.cell(own, state, linear(params, f"linears.{k}", x))
            after.append(state)
        return tuple(after), linear(params, "readout", x)

    start = tuple((jnp.zeros(2),) * pair.n_states for _ in pair.neurons)
    return snn.Program(snn.Steps(step, start), jnp.array(x[0].numpy()), mean_squared)


def mean_squared(out):
    return ((out.mean(axis=0) - 0.3) ** 2).sum()
