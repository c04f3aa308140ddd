"""EventProp in time steps, against eventax, an independent implementation of EventProp.

eventax integrates the neurons' differential equations by diffrax, finds spikes by root finding and
differentiates through the solver. `stepped` interpolates spike times within short steps.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.spike_times.stepped import (
    Backward,
    StepSettings,
    arrivals,
    response,
    run,
)

REASON = "make setup installs eventax"
diffrax = pytest.importorskip("diffrax", reason=REASON)
equinox = pytest.importorskip("equinox", reason=REASON)
evnn = pytest.importorskip("eventax.evnn", reason=REASON)
models = pytest.importorskip("eventax.neuron_models", reason=REASON)
optimistix = pytest.importorskip("optimistix", reason=REASON)

jax.config.update("jax_enable_x64", True)

CHANNELS, HIDDEN, OUTPUTS, DURATION = 6, 4, 2, 20.0
N = HIDDEN + OUTPUTS


def theirs(weights):
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
        max_event_steps=256,
        dtype=jnp.float64,
        thresh=1.0,
        tmem=10.0,
        tsyn=5.0,
        init_bias=0.0,
        init_weights=jnp.array(weights),
        reset_grad_preserve=True,
    )


def filtered_by(every):
    """Return the sum of all output spikes, filtered by the response, at the trial's end."""
    times = every[HIDDEN:]
    return jnp.where(jnp.isfinite(times), response(DURATION - jnp.nan_to_num(times)), 0.0).sum()


def stepped(params, times):
    """Return spikes, and the gradient of the filtered output trains without noise."""
    settings = StepSettings(0.02, float("inf"), Backward.TIMES)
    n = round(DURATION / settings.dt)
    noise, inputs = jnp.ones((n + 1, N)), arrivals(jnp.array(times), settings.dt, n)

    @jax.jit
    def at_end(p):
        trial = run(settings, p, inputs, noise)
        return trial.trace[-1].sum(), (trial.hidden.fired.sum(), trial.outputs.fired.sum())

    grad, counts = jax.grad(at_end, has_aux=True)(params)
    return sum(counts), np.concatenate([np.ravel(grad[name]) for name in ("hidden", "output")])


def test_without_noise_moving_times_have_the_gradient_of_eventax():
    rng = np.random.default_rng(0)
    params = {
        "hidden": jnp.array(rng.normal(2.5, 2, (HIDDEN, CHANNELS))),
        "output": jnp.array(rng.normal(1, 0.7, (OUTPUTS, HIDDEN))),
    }
    times = np.sort(rng.uniform(0, 12, (CHANNELS, 2)))
    weights = np.zeros((N + CHANNELS, N))
    weights[:HIDDEN, HIDDEN:N] = params["output"].T
    weights[N:, :HIDDEN] = params["hidden"].T

    def loss(model):
        every = model.spikes_until_t(jnp.array(times), DURATION, max_spikes=256)
        return filtered_by(every), every

    with jax.numpy_rank_promotion("allow"):
        value = equinox.filter_jit(equinox.filter_value_and_grad(loss, has_aux=True))
        (_, every), grad = value(theirs(weights))
    of_weights = np.asarray(grad.neuron_model.weights)
    exact = np.concatenate(
        [of_weights[N:, :HIDDEN].T.ravel(), of_weights[:HIDDEN, HIDDEN:N].T.ravel()]
    )
    count, ours = stepped(params, times)
    assert np.isfinite(every).sum() == count > 10
    assert np.linalg.norm(ours - exact) < 0.01 * np.linalg.norm(exact)
    # Halved output weights give another gradient.
    _, wrong = stepped(params | {"output": params["output"] / 2}, times)
    assert np.linalg.norm(wrong - exact) > 0.3 * np.linalg.norm(exact)
