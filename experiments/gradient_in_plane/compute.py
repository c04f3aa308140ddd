"""Computes the surrogate gradient field over the plane and integrates it."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import cumulative_simpson

import snn
from experiments import five_weights
from experiments.gradient_in_plane import GradientInPlane
from snn.estimators.base import map_batched


def compute(config: GradientInPlane, seed: None) -> dict[str, np.ndarray]:
    """The output, and the surrogate gradient integrated from the lower left corner.

    Returns:
        ``v1``, ``v2`` and ``output`` (v1, v2); per slope: ``v1_first`` and ``v2_first``, the
        integral along v1 at the lowest v2 and then along v2, and in the other order;
        ``path_dependence``, the largest difference of the two, and ``grid_error``, that of the
        true gradient; ``probe_gradient`` (v1, v2).
    """
    v1 = np.linspace(-config.extent, config.extent, config.n_v1)
    v2 = np.linspace(-config.extent, config.extent, config.n_v2)
    plane = jnp.stack(jnp.meshgrid(v1, v2, indexing="ij"), axis=-1)

    def theta(point: jax.Array) -> jax.Array:
        return jnp.concatenate([jnp.array([config.w]), point, jnp.array(config.u)])

    def over_plane(function) -> np.ndarray:
        flat = map_batched(jax.jit(function), plane.reshape(-1, 2), 65536)
        return np.asarray(flat).reshape(*plane.shape[:2], -1)

    output = over_plane(lambda p: five_weights.output(theta(p), config.beta_forward))[..., 0]
    shown = np.ix_(_thin(config.n_v1, config.n_shown), _thin(config.n_v2, config.n_shown))

    def integrated(field: snn.fields.Field) -> tuple[np.ndarray, np.ndarray]:
        gradient = over_plane(lambda p: field(theta(p))[1:3])
        along_v1 = cumulative_simpson(gradient[..., 0], x=v1, axis=0, initial=0)
        along_v2 = cumulative_simpson(gradient[..., 1], x=v2, axis=1, initial=0)
        return along_v1[:, :1] + along_v2, along_v2[:1, :] + along_v1

    # A true gradient's integral does not depend on the path: what it shows is the grid's error.
    v1_first, v2_first = integrated(five_weights.field_of(snn.MeanField(), config.beta_forward))
    grid_error = np.abs(v1_first - v2_first).max()

    columns: dict[str, list[np.ndarray]] = {}
    for beta in config.beta_surrogate:
        estimator = snn.Surrogate(snn.surrogate.Sigmoid(beta), forward=snn.mean)
        field = five_weights.field_of(estimator, config.beta_forward)
        v1_first, v2_first = integrated(field)
        probe = np.asarray(field(theta(jnp.array(config.probe)))[1:3])
        for name, column in {
            "v1_first": (output[0, 0] + v1_first)[shown].astype(np.float32),
            "v2_first": (output[0, 0] + v2_first)[shown].astype(np.float32),
            "path_dependence": np.abs(v1_first - v2_first).max(),
            "probe_gradient": probe,
        }.items():
            columns.setdefault(name, []).append(np.asarray(column))
    return {
        "v1": v1[shown[0].ravel()],
        "v2": v2[shown[1].ravel()],
        "output": output[shown].astype(np.float32),
        "probe": np.array(config.probe),
        "beta_forward": np.array(config.beta_forward),
        "beta_surrogate": np.array(config.beta_surrogate),
        "grid_error": np.array(grid_error),
    } | {name: np.stack(column) for name, column in columns.items()}


def _thin(n: int, n_shown: int) -> np.ndarray:
    """Indices of at most n_shown points of n, evenly spread, ends included."""
    return np.unique(np.linspace(0, n - 1, min(n, n_shown)).round().astype(int))
