"""Computes the scan along w."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import cumulative_simpson
from scipy.optimize import brentq

import snn
from experiments import five_weights
from experiments.gradient_along_weight import GradientAlongWeight


def compute(config: GradientAlongWeight, seed: None) -> dict[str, np.ndarray]:
    """Outputs, gradients and integrated surrogate gradients over the scan.

    Returns:
        Thinned for the plot, ``(point,)``: ``w``, ``output``, ``true`` (dy/dw); and for each slope
        of the surrogate, ``(slope, point)``: ``surrogate``, ``integrated_surrogate`` (from the
        output at the first weight on), ``smoothed`` (gradient) and ``smoothed_output``. From the
        whole scan: where the curves have their minima, and how often the surrogate gradient has
        the wrong sign. At the reference weight: ``reference_...`` derivatives.
    """
    w = np.linspace(config.w_min, config.w_max, config.n_points)
    rest = np.array([*config.v, *config.u])
    first, reference = (np.append(x, rest) for x in (config.w_min, config.w_reference))
    thetas = jnp.asarray(np.column_stack([w, np.tile(rest, (w.size, 1))]))

    def scan(field: snn.fields.Field) -> np.ndarray:
        return np.asarray(jax.vmap(field)(thetas)[:, 0])

    def outputs(beta: float) -> np.ndarray:
        return np.asarray(jax.vmap(five_weights.output, (0, None))(thetas, beta))

    shown = np.unique(np.linspace(0, w.size - 1, config.n_shown).round().astype(int))
    true = five_weights.field_of(snn.MeanField(), config.beta_forward)
    true_scan, output = scan(true), outputs(config.beta_forward)
    columns: dict[str, list[np.ndarray]] = {}
    for beta in config.beta_surrogate:
        estimator = snn.Surrogate(snn.surrogate.Sigmoid(beta), forward=snn.mean)
        surrogate = five_weights.field_of(estimator, config.beta_forward)
        smoothed = five_weights.field_of(snn.MeanField(), beta)
        surrogate_scan, smoothed_output = scan(surrogate), outputs(beta)
        integrated = output[0] + cumulative_simpson(surrogate_scan, x=w, initial=0)
        path = snn.fields.segment(first, np.append(config.w_max, rest))
        adaptive = snn.fields.line_integral(surrogate, path)
        for name, column in {
            "surrogate": surrogate_scan[shown],
            "integrated_surrogate": integrated[shown],
            "integration_error": abs(integrated[-1] - output[0] - adaptive.value) + adaptive.error,
            "integrated_minimum": w[np.argmin(integrated)],
            "surrogate_zero": _last_zero(
                lambda x, field=surrogate: field(np.append(x, rest))[0], w, surrogate_scan
            ),
            "wrong_sign_fraction": np.mean(np.sign(surrogate_scan) != np.sign(true_scan)),
            "smoothed": scan(smoothed)[shown],
            "smoothed_output": smoothed_output[shown],
            "smoothed_minimum": w[np.argmin(smoothed_output)],
            "reference_surrogate": surrogate(reference)[0],
            "reference_smoothed": smoothed(reference)[0],
        }.items():
            columns.setdefault(name, []).append(np.asarray(column))
    return {
        "w": w[shown],
        "w_reference": np.array(config.w_reference),
        "beta_forward": np.array(config.beta_forward),
        "beta_surrogate": np.array(config.beta_surrogate),
        "output": output[shown],
        "output_minimum": w[np.argmin(output)],
        "true": true_scan[shown],
        "reference_true": np.asarray(true(reference)[0]),
    } | {name: np.stack(column) for name, column in columns.items()}


def _last_zero(function, w: np.ndarray, values: np.ndarray) -> float:
    """The last sign change of a function along the scan, as far right as the scan if there is none.

    An edge is where descent along a gradient without a zero ends.
    """
    changes = np.flatnonzero(np.diff(np.sign(values)))
    if changes.size == 0:
        return w[-1]
    i = changes[-1]
    return brentq(lambda x: float(function(x)), w[i], w[i + 1], xtol=1e-13)
