"""Event times and gradients of eventax, an independent implementation of EventProp.

eventax integrates the neurons' differential equations by diffrax, finds spikes by root finding and
differentiates through the solver. This chapter has closed forms between events and an adjoint.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.spike_times.event_prop import event_prop
from beyond.experiments.spike_times.lif import Network, Neurons

REASON = "make setup installs eventax"
diffrax = pytest.importorskip("diffrax", reason=REASON)
equinox = pytest.importorskip("equinox", reason=REASON)
evnn = pytest.importorskip("eventax.evnn", reason=REASON)
models = pytest.importorskip("eventax.neuron_models", reason=REASON)
optimistix = pytest.importorskip("optimistix", reason=REASON)

N, CHANNELS, DURATION = 4, 3, 16.0


def theirs(weights, reset):
    """Return eventax's network, with weights ``(from, to)``: neurons first, then inputs."""
    return evnn.EvNN(
        models.LIF,
        N,
        DURATION,
        CHANNELS,
        key=jax.random.key(0),
        wmask=jnp.ones(weights.shape),
        solver=diffrax.Dopri8(),
        solver_stepsize=0.1,
        root_finder=optimistix.Newton(1e-12, 1e-12, optimistix.rms_norm),
        max_event_steps=64,
        dtype=jnp.float64,
        thresh=1.0,
        tmem=10.0,
        tsyn=5.0,
        init_bias=0.0,
        init_weights=jnp.array(weights),
        reset_grad_preserve=reset == "subtract",
    )


@pytest.mark.parametrize(("reset", "recurrent"), [("subtract", True), ("hard", False)])
def test_event_times_and_gradients_are_those_of_eventax(reset, recurrent):
    rng = np.random.default_rng(1)
    inputs, between = rng.normal(3, 2, (N, CHANNELS)), rng.normal(0.5, 1.0, (N, N))
    if not recurrent:
        # Two neurons project onto the two others, which have no input.
        layers = np.repeat([0, 1], N // 2)
        between = 4 * np.where(layers[:, None] > layers[None], between, 0.0)
        inputs[layers == 1] = 0.0
    network = Network(inputs, between, Neurons(reset=reset))
    times = np.sort(rng.uniform(0, 10, 2 * CHANNELS))
    channels = np.arange(2 * CHANNELS) % CHANNELS
    spikes = network.run(times, channels, DURATION)
    neurons = np.array([spike.neuron for spike in spikes])
    # Number of each spike among those of its neuron.
    place = np.array([np.sum(neurons[:k] == neuron) for k, neuron in enumerate(neurons)])
    assert len(spikes) > 10 and len(set(neurons)) >= 3
    slopes = rng.normal(size=len(spikes))
    of_inputs, of_spikes = event_prop(network, spikes, times, channels, slopes)
    grid = jnp.array([times[channels == c] for c in range(CHANNELS)])

    def loss(model):
        every = model.spikes_until_t(grid, DURATION, max_spikes=64)
        return jnp.dot(every[neurons, place], jnp.array(slopes)), every

    with jax.numpy_rank_promotion("allow"):
        model = theirs(np.vstack([between.T, inputs.T]), reset)
        value = equinox.filter_jit(equinox.filter_value_and_grad(loss, has_aux=True))
        (_, every), grad = value(model)
    assert np.isfinite(every).sum() == len(spikes)
    expected = [spike.time for spike in spikes]
    assert np.asarray(every)[neurons, place] == pytest.approx(expected, rel=1e-10)
    weights = np.asarray(grad.neuron_model.weights)
    exact = np.vstack([of_spikes.T, of_inputs.T])
    assert np.linalg.norm(weights - exact) < 1e-8 * np.linalg.norm(exact)
    # The adjoint without the jump of the receivers' velocities is another gradient.
    alone = Network(inputs, 0 * between, network.neurons)
    wrong = event_prop(alone, spikes, times, channels, slopes)
    off = np.vstack([wrong[1].T, wrong[0].T]) - weights
    assert np.linalg.norm(off) > 1e-2 * np.linalg.norm(exact)
