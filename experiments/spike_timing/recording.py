"""Records of a training: running medians, and the last rasters with their statistics."""

import numpy as np

from experiments.engine.experiment import array
from experiments.spike_timing.task import Parameters
from snn import stats

LAYERS = ("hidden", "output")
STATES = (*LAYERS, "hidden_before", "output_before")
"""Names of the layers after training, and before."""
WITHOUT_UNIT = (
    "l2",
    "van_rossum",
    "fano_hidden",
    "fano_output",
    "fano_counts_hidden",
    "fano_counts_output",
)
"""Names of the scalar measures of a training; rates are in Hz."""

ARRAYS = {
    "epoch": array("seed, epoch", "epoch of a measurement, taken before the epoch's update"),
    "observed_epoch": array(
        "seed, observation", "epoch after whose update the other spike mode was tested"
    ),
    **array("seed", "rate in the first epoch", unit="Hz").each("first_rate_{}", LAYERS),
    **array("seed", "median rate of the last epochs", unit="Hz").each("last_rate_{}", LAYERS),
    **array("seed", "value in the first epoch").each("first_{}", WITHOUT_UNIT),
    **array("seed", "median of the last epochs").each("last_{}", WITHOUT_UNIT),
    **array("seed, observation", "rate under the other spike mode", unit="Hz").each(
        "other_rate_{}", LAYERS
    ),
    **array("seed, observation", "the measure under the other spike mode").each(
        "other_{}", WITHOUT_UNIT
    ),
    **array("seed, neuron", "rates after training, or before", unit="Hz").each("rates_{}", STATES),
    **array("seed, epoch", "population rate, running median", unit="Hz").each("rate_{}", LAYERS),
    "l2": array("seed, epoch", "L2 distance per output, running median"),
    "van_rossum": array("seed, epoch", "van Rossum distance per output, running median"),
    **array("seed, epoch", "Fano factor of counts of whole trials, running median").each(
        "fano_counts_{}", LAYERS
    ),
    **array("seed, epoch", "Fano factor of single bins, running median").each("fano_{}", LAYERS),
    **array(
        "seed, interval",
        "interspike intervals after training, or before, filled up with NaN",
        unit="ms",
    ).each("isi_{}", STATES),
    **array("seed, neuron", "coefficient of variation of these intervals, filled up with NaN").each(
        "cv_{}", STATES
    ),
    "frames": array("first seed, frame, step, neuron", "output rasters along training"),
    "frame_epoch": array("seed, frame", "epochs of these rasters"),
    "inputs": array("first seed, step, input", "input raster"),
    **array("first seed, step, neuron", "raster before training").each("{}_before", LAYERS),
    **array("first seed, step, neuron", "raster after training").each("{}_after", LAYERS),
}
"""Declarations of the arrays that `curves` and `observed` return."""


LAST = 100
"""Number of last epochs whose median is the final result."""

SMOOTH = 10
"""Number of epochs in a running median; even, since early losses alternate."""

THIN = 5
"""Distance between epochs that are kept of a running median."""

N_FRAMES = 6
"""Number of output rasters that are kept, from before to after training."""


def curves(metrics: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return running medians of metrics ``(epoch, seed)``, thinned, with first and last values.

    Medians, since losses have isolated spikes and early epochs oscillate.
    """
    n_epochs = len(next(iter(metrics.values())))
    epochs = np.arange(0, n_epochs, THIN)
    data = {}
    for name, values in metrics.items():
        padded = np.pad(values, ((SMOOTH // 2, SMOOTH // 2 - 1), (0, 0)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, SMOOTH, axis=0)
        data[name] = np.median(windows[epochs], axis=-1).T.astype(np.float16)
        data[f"first_{name}"] = values[0]
        data[f"last_{name}"] = np.median(values[-LAST:], axis=0)
    return epochs + 1, data


def observed(
    observations: dict[str, np.ndarray], shared: dict[str, np.ndarray], config: Parameters
) -> dict[str, np.ndarray]:
    """Return the arrays that are kept of one seed's observations."""
    n = len(observations["output"])
    frames = np.unique(np.round((n - 1) * np.linspace(0, 1, N_FRAMES) ** 2.5).astype(int))
    data = {name: values for name, values in observations.items() if name.startswith("other_")}
    for layer in LAYERS:
        for name, which in ((layer, -1), (f"{layer}_before", 0)):
            raster = observations[layer][which]
            intervals = 1e3 * np.concatenate(stats.interspike_intervals(raster, config.dt))
            data[f"isi_{name}"] = _padded(intervals, raster.size)
            data[f"cv_{name}"] = _padded(stats.cv_of_isi(raster, config.dt), raster.shape[1])
            data[f"rates_{name}"] = observations[f"rates_{layer}"][which]
        if config.keep_rasters:
            data[f"{layer}_before"], data[f"{layer}_after"] = observations[layer][[0, -1]]
    if config.keep_rasters:
        data |= {
            "frames": observations["output"][frames],
            "frame_epoch": shared["observed_epoch"][frames],
        }
    return data


def _padded(values: np.ndarray, size: int) -> np.ndarray:
    """Fill values up with NaN to a length that is the same for all seeds."""
    return np.pad(values.astype(np.float16), (0, size - values.size), constant_values=np.nan)
