"""Cost of one training step of the closest networks to figure 7's in other libraries.

Figure 7's network: three recurrent convolutional LIF layers and a leaky readout, over 349 steps of
700 channels. A step is the gradient, through all time steps, of the cross-entropy of the readout's
maximum over time, and one update of the weights. Where the peers differ:

* Both: deterministic spikes (neither has escape noise), a reset that subtracts the threshold, no
  regulariser of rates, Adam for SMORMS3.
* snnTorch: all 51 536 weights, with `RSynaptic` and its recurrent `Conv2d`; no delay between
  layers. Run layer by layer and not time step by time step as its tutorials do, which is slower:
  one call of a layer's feed-forward convolution serves all time steps.
* spyx: no recurrent convolution, no synaptic filter of the readout, and flat layers only, so that
  each lies between two reshapes. Twice: with its recurrent neuron, which connects all neurons of a
  layer (more to compute); and without recurrence (less).

Each runs in a process of its own, on the same cores; one that is not installed is reported. Run it
from the checkout, in any environment with the peers (extra `bench`): it needs none of our packages.
"""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from math import exp, prod
from subprocess import CalledProcessError
from typing import Any

from experiments.engine.errors import run_command
from experiments.engine.provenance import peak_memory_mb
from scripts.harness import in_a_process, seconds

N_STEPS, N_CHANNELS, N_CLASSES = 349, 700, 20
DENSITY = 0.03  # Spikes per input channel and time step, about that of spoken digits.
# Per layer: filters, width, stride, neurons along the channels; then the spread of the weights.
LAYERS = ((16, 21, 10, 68), (32, 7, 3, 21), (64, 7, 3, 5))
SPREADS = (1.15, 0.50, 0.35)
RECURRENT_SPREAD, RECURRENT_WIDTH = 0.2, 5
DT, TAU_SYN, TAU_MEM, TAU_READOUT = 2e-3, 10e-3, 20e-3, 0.7
ALPHA, BETA, BETA_READOUT = (exp(-DT / tau) for tau in (TAU_SYN, TAU_MEM, TAU_READOUT))
GAIN = 1 - BETA  # Peers add the current to the potential as it is: this goes into the weights.
SLOPE = 10.0


def snntorch_step(batch: int) -> Callable[[], object]:
    """Return a training step with snnTorch."""
    import snntorch
    import torch
    from snntorch import surrogate
    from torch import nn

    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    convolutions, cells, below = nn.ModuleList(), nn.ModuleList(), 1
    for (filters, width, stride, _), spread in zip(LAYERS, SPREADS, strict=True):
        convolution = nn.Conv2d(below, filters, (1, width), (1, stride), bias=False)
        nn.init.normal_(convolution.weight, std=GAIN * spread)
        size = {"conv2d_channels": filters, "kernel_size": (1, RECURRENT_WIDTH)}
        cell = snntorch.RSynaptic(ALPHA, BETA, spike_grad=surrogate.fast_sigmoid(SLOPE), **size)
        nn.init.normal_(cell.recurrent.weight, std=GAIN * RECURRENT_SPREAD)
        cell.recurrent.bias = None
        convolutions.append(convolution)
        cells.append(cell)
        below = filters
    filters, *_, neurons = LAYERS[-1]
    linear = nn.Linear(filters * neurons, N_CLASSES, bias=False)
    readout = snntorch.Synaptic(ALPHA, BETA_READOUT, reset_mechanism="none")
    optimiser = torch.optim.Adam([*convolutions.parameters(), *cells.parameters(), linear.weight])
    x = (torch.rand(N_STEPS, batch, 1, 1, N_CHANNELS) < DENSITY).float()
    labels = torch.randint(N_CLASSES, (batch,))

    def forward() -> torch.Tensor:
        spikes = x
        for convolution, cell in zip(convolutions, cells, strict=True):
            currents = convolution(spikes.flatten(0, 1)).unflatten(0, (N_STEPS, batch))
            state, steps = cell.reset_mem(), []
            for current in currents:
                state = cell(current, *state)
                steps.append(state[0])
            spikes = torch.stack(steps)
        (synapse, potential), potentials = readout.reset_mem(), []
        for current in linear(spikes.flatten(2)):
            _, synapse, potential = readout(current, synapse, potential)
            potentials.append(potential)
        return torch.stack(potentials)

    def step() -> None:
        optimiser.zero_grad()
        nn.functional.cross_entropy(forward().amax(0), labels).backward()
        optimiser.step()

    return step


def spyx_step(batch: int, recurrent: bool) -> Callable[[], object]:
    """Return a training step with spyx: with all-to-all recurrence in each layer, or with none."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import jax.numpy as jnp
    import optax
    import spyx
    from flax import nnx

    rngs = nnx.Rngs(0)
    kind, spike = (spyx.nn.RCuBaLIF if recurrent else spyx.nn.CuBaLIF), spyx.axn.superspike(SLOPE)
    layers, below = [], 1
    for (filters, width, stride, neurons), spread in zip(LAYERS, SPREADS, strict=True):
        spread = nnx.initializers.normal(GAIN * spread)
        options = {"padding": "VALID", "use_bias": False, "kernel_init": spread, "rngs": rngs}
        shape = neurons, filters
        cell = kind((prod(shape),), ALPHA, BETA, activation=spike, rngs=rngs)
        if recurrent:
            fan_in = RECURRENT_WIDTH / prod(shape)
            cell.recurrent_w[...] *= GAIN * RECURRENT_SPREAD * fan_in**0.5
        layers += [nnx.Conv(below, filters, (width,), stride, **options), spyx.nn.Flatten(), cell]
        layers.append(partial(jnp.reshape, shape=(-1, *shape)))
        below = filters
    layers[-1] = nnx.Linear(prod(shape), N_CLASSES, use_bias=False, rngs=rngs)
    model = spyx.nn.Sequential(*layers, spyx.nn.LI((N_CLASSES,), BETA_READOUT, rngs=rngs))
    optimiser = nnx.Optimizer(model, optax.adam(1e-3), wrt=nnx.Param)
    keys = jax.random.split(jax.random.key(0))
    x = jax.random.bernoulli(keys[0], DENSITY, (N_STEPS, batch, N_CHANNELS, 1)).astype(float)
    labels = jax.random.randint(keys[1], (batch,), 0, N_CLASSES)

    def mean_loss(model: nnx.Module) -> jax.Array:
        potentials, _ = spyx.nn.run(model, x)
        cross_entropy = optax.softmax_cross_entropy_with_integer_labels
        return jnp.mean(cross_entropy(potentials.max(0), labels))

    @nnx.jit
    def update(model: nnx.Module, optimiser: nnx.Optimizer) -> jax.Array:
        loss, grad = nnx.value_and_grad(mean_loss)(model)
        optimiser.update(model, grad)
        return loss

    return lambda: update(model, optimiser).block_until_ready()


PEERS = {
    "snnTorch": (snntorch_step, ("snntorch", "torch")),
    "spyx, all-to-all recurrence": (partial(spyx_step, recurrent=True), ("spyx", "jax")),
    "spyx, no recurrence": (partial(spyx_step, recurrent=False), ("spyx", "jax")),
}


def measured(peer: str, batch: int, repeats: int, cores: int) -> dict[str, Any]:
    """Return milliseconds per sample and peak memory of a peer; call it once per process."""
    # Libraries start as many threads as there are cores that they may use.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    build, packages = PEERS[peer]
    try:
        step = build(batch)
    except ModuleNotFoundError as error:
        return {"missing": f"{error.name} is not installed (extra bench)"}
    wall, cpu = (1e3 * time / batch for time in seconds(step, repeats))
    of = ", ".join(f"{name} {version(name)}" for name in packages)
    return {"ms": wall, "cpu_ms": cpu, "peak_mb": peak_memory_mb(), "packages": of}


def main(arguments: Sequence[str]) -> int:
    """Print one line per peer."""
    parser = argparse.ArgumentParser("python -m scripts.bench_speech_peers", description=__doc__)
    parser.add_argument("--batch", type=int, default=100, help="samples of a step")
    parser.add_argument("--repeats", type=int, default=5, help="timed steps, after one that is not")
    parser.add_argument("--cores", type=int, default=2, help="processor cores to use")
    parser.add_argument("--peer", choices=PEERS, help="measure one, and print JSON")
    options = parser.parse_args(arguments)
    if options.peer:
        print(json.dumps(measured(**vars(options))))
        return 0
    print(f"one training step per sample: batch {options.batch}, {options.cores} cores, float32")
    for peer in PEERS:
        try:
            found = in_a_process("scripts.bench_speech_peers", *arguments, "--peer", peer)
        except CalledProcessError as error:
            found = {"missing": f"status {error.returncode}"}
        if "missing" in found:
            print(f"{peer:28} not measured: {found['missing']}", flush=True)
            continue
        print(
            f"{peer:28} {found['ms']:7.1f} ms, {found['cpu_ms']:7.1f} ms of CPU time, "
            f"peak {found['peak_mb']:5.0f} MB   ({found['packages']})",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    run_command(main)
