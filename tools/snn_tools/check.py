"""Check the assumptions of the estimators about a program, by a few forward passes."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.arguments import check_params
from snn.escape import EscapeNoise, check_escape
from snn.estimators.base import refuse_fixed_derivatives
from snn.estimators.surrogate import Surrogate
from snn.interop.spike_function import Steps
from snn.noise import FIRE, SILENT, Uniforms
from snn.program import Program, draw_noise, run_fixed
from snn.spikes import FIXED
from snn.types import Params, Trace

N_TRIALS = 64


class CheckedLayer(NamedTuple):
    """Measurements of one layer.

    Attributes:
        sites: shape of the spike sites.
        escape: escape noise.
        rate: mean number of spikes per site.
        lowest: lowest potential minus threshold.
        highest: highest potential minus threshold.
    """

    sites: tuple[int, ...]
    escape: EscapeNoise
    rate: float
    lowest: float
    highest: float


class Checked(NamedTuple):
    """Measurements of a sound program, with warnings; ``print`` shows a table.

    Attributes:
        layers: one entry per spiking layer, in the order of the trace.
        loss: mean loss.
        warnings: properties that may be unintended, one sentence each.
    """

    layers: tuple[CheckedLayer, ...]
    loss: float
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        row = "{:5}  {:12}  {:>6}  {:>8}  {:>8}  {}".format
        rows = [row("layer", "sites", "rate", "v from", "to", "escape noise")]
        for k, (sites, escape, rate, *v) in enumerate(self.layers):
            cells = f"{rate:.3f}", *(f"{potential:.3g}" for potential in v)
            rows.append(row(str(k), str(sites), *cells, escape))
        rows.append(f"mean loss of {N_TRIALS} trials: {self.loss:.4g}")
        return "\n".join([*rows, *(f"warning: {warning}" for warning in self.warnings)])


def check(program: Program, params: Params) -> Checked:
    """Run a program with forced and with sampled spikes, and refuse an unsound program.

    Estimators assume four properties. Each spike is drawn from the noise of its own layer, step and
    neuron, with the probability in the trace. Forced spikes occur. Only the program's spikes have a
    replaced derivative. The loss is one number.

    Args:
        program: the program.
        params: its parameters.

    Returns:
        Layers, rates and potentials, and warnings: parameters without effect, silent and saturated
        layers, numbers that are not finite.

    Raises:
        TypeError: if parameters cannot be differentiated, or the trace has entries of another type.
        ValueError: if estimators would return a wrong number for this program.
    """
    check_params(params)
    trace = jax.eval_shape(run_fixed, program, params).trace
    for k, layer in enumerate(trace):
        check_escape(layer, layer.escape)
        if layer.s.shape != layer.v.shape:
            raise ValueError(
                f"trace[{k}]: got potentials of shape {layer.v.shape} and spikes of shape "
                f"{layer.s.shape}, expected the same shape, one of each for a spike site."
            )
    shapes = tuple(layer.v.shape for layer in trace)
    if not shapes:
        raise ValueError(
            "program: got a trace without layers, expected a snn.types.LayerTrace for each spiking "
            "layer. Without spike sites there is nothing to estimate: use jax.grad."
        )
    refuse_fixed_derivatives("program", program, params)
    # The second half of a split key, as in earlier versions: the printed numbers stay the same.
    sample = jax.random.split(jax.random.key(0))[1]
    noise = draw_noise(program, params, sample, N_TRIALS)
    forced = forced_noise(noise)
    force_spikes(program, params, forced)
    loss, sites, escapes = _runs(program, params, noise)
    _check_spikes(sites, noise, _SAMPLED)
    # With numbers that print well.
    escapes = jax.tree.map(lambda leaf: leaf.item() if jnp.ndim(leaf) == 0 else leaf, escapes)
    layers = tuple(
        CheckedLayer(shape, escape, float(s.mean()), float(v.min()), float(v.max()))
        for shape, escape, (v, s, _) in zip(shapes, escapes, sites, strict=True)
    )
    grad = Surrogate()(program, params, noise).grad
    mean_loss = float(loss.mean())
    warnings = *_warnings(layers, mean_loss, grad), *_swapped(program, params, noise)
    return Checked(layers, mean_loss, warnings)


def forced_noise(noise: Uniforms) -> Uniforms:
    """Return noise that forces a spike at sites with a number below 1/2, and silence elsewhere."""

    def forced(xi: Array) -> Array:
        # NumPy computes without compiling.
        return jax.device_put(np.where(np.asarray(xi) < 0.5, FIRE, SILENT).astype(xi.dtype))

    return jax.tree.map(forced, noise)


def force_spikes(program: Program, params: Params, forced: Uniforms) -> None:
    """Run a program with noise that forces its spikes, and refuse other spikes than these.

    Args:
        program: the program.
        params: its parameters.
        forced: noise of trials, from `forced_noise`.

    Raises:
        ValueError: if a spike follows the noise of another layer, step or neuron.
    """
    _check_spikes(_runs(program, params, forced)[1], forced, _FORCED)


def refuse_foreign_noise(trace: Trace, forced: Uniforms) -> None:
    """Refuse a program whose trace of forced trials has other spikes than the forced ones.

    Args:
        trace: potentials and sampled spikes of trials; all arrays have a leading trial axis.
        forced: noise of these trials, from `forced_noise`.

    Raises:
        ValueError: if a spike follows the noise of another layer, step or neuron.
    """
    sites = []
    for layer in trace:
        v = np.asarray(layer.v)
        # A forced spike has the same value at every probability. A NaN is not compared.
        sites.append((v, layer.s, np.where(np.isnan(v), v, 0.5)))
    _check_spikes(sites, forced, _FORCED)


@jax.jit
def _runs(program: Program, params: Params, noise: Uniforms) -> tuple:
    """Return losses, potentials, spikes and probabilities of all trials, and the escape noises."""

    def run(xi: Uniforms) -> tuple:
        run = program(params, xi, FIXED)
        sites = [(layer.v, layer.s, layer.p) for layer in run.trace]
        return run.loss, sites, [layer.escape for layer in run.trace]

    return jax.vmap(run, out_axes=(0, 0, None))(noise)


_FORCED = (
    "that differ from the spikes which the noise forces, expected 0. Draw each spike with the "
    "numbers of its own layer and step: s = spike(escape, v, noise.draw({k}, t, v.shape)), with t "
    "the step or None."
)
_SAMPLED = (
    "that do not follow from the trace's potentials and escape noise, expected 0. Put the v and "
    "the escape of s = spike(escape, v, xi) into LayerTrace(v, s, escape)."
)


def _check_spikes(sites: list[tuple[Any, ...]], noise: Uniforms, message: str) -> None:
    for k, ((_, *arrays), xi) in enumerate(zip(sites, noise.values, strict=True)):
        s, p, xi = map(np.asarray, (*arrays, xi))
        # A number within rounding of the probability is not compared, and neither is a NaN.
        clear = np.abs(xi - p) > max(1e-5, 4 * float(jnp.finfo(p.dtype).eps))
        wrong = int(np.sum(clear & (s != (xi < p))))
        if wrong:
            raise ValueError(f"trace[{k}]: got {wrong} of {xi.size} spikes " + message.format(k=k))


def _warnings(layers: tuple[CheckedLayer, ...], loss: float, grad: Params) -> list[str]:
    warnings = []
    for k, layer in enumerate(layers):
        if layer.rate in (0.0, 1.0):
            state = "silent" if layer.rate == 0 else "saturated"
            warnings.append(
                f"layer {k} is {state}: {layer.rate:.0f} spikes per site in every trial."
            )
        if np.isnan([layer.lowest, layer.highest]).any() or layer.highest == np.inf:
            warnings.append(f"layer {k} has potentials that are not numbers.")
    if not np.isfinite(loss):
        warnings.append("the loss is not finite.")
    for path, leaf in jax.tree_util.tree_leaves_with_path(grad):
        name = f"params{jax.tree_util.keystr(path)}"
        if not np.isfinite(leaf).all():
            warnings.append(f"{name} has a surrogate gradient that is not finite.")
        elif not np.any(leaf):
            warnings.append(f"{name} has no effect on the loss: its surrogate gradient is zero.")
    return warnings


def _swapped(program: Program, params: Params, noise: Uniforms) -> list[str]:
    """Warn if a step seems to return spikes as its state, in the first trial."""
    network = getattr(program, "network", None)
    if not isinstance(network, Steps) or not jax.tree.leaves(network.state):
        return []

    def both(*args: Any) -> tuple[Any, Any]:
        state, output = network.step(*args)
        return state, (state, output)

    first = jax.tree.map(lambda xi: xi[0], noise)
    parts = Steps(both, network.state)(params, program.x, first, FIXED)[0]
    state, output = ({*np.unique(ravel_pytree(part)[0]).tolist()} <= {0, 1} for part in parts)
    warning = (
        "the state that a step returns consists of spikes, and its output does not: expected "
        "(state, output). A flax.nnx module returns (output, state): snn.from_nnx takes it."
    )
    return [warning] if state and not output else []
