"""Numbers of a layer in one training step, for any logger; no exact gradient is needed."""

from typing import Any

import numpy as np

from snn_tools.shared.observed import ALWAYS


def layer_numbers(
    spikes: tuple[Any, Any, Any],
    middle: tuple[Any, Any],
    error: Any = None,
    xp: Any = np,
) -> dict[str, Any]:
    """Return rate, dead and saturated shares, reach of the surrogate, and sizes of errors.

    Numbers with and without noise are those of the same potentials: with noise a neuron fires with
    its probability, without noise where its potential is above threshold.

    Args:
        spikes: spikes, potentials minus threshold and firing probabilities of a step, each
            ``(time, row, neuron)``.
        middle: ends of the middle half of the surrogate derivative's integral.
        error: dL/dv; None if it is not known.
        xp: NumPy, or `jax.numpy`.
    """
    s, v, p = spikes
    n = s.shape[-1]
    fired, above, expected = (x.reshape(-1, n).mean(axis=0) for x in (s, v > 0, p))
    # Probability that a neuron stays silent throughout.
    silence = xp.exp(xp.log1p(-xp.minimum(p.reshape(-1, n), 1 - 1e-7)).sum(axis=0))
    quarters = xp.percentile(v, xp.array([25, 75]))
    numbers = {
        "rate": fired.mean(),
        "rate_without_noise": above.mean(),
        "rate_with_noise": expected.mean(),
        "dead_without_noise": (above == 0).mean(),
        "dead_with_noise": silence.mean(),
        "saturated_without_noise": (above > ALWAYS).mean(),
        "saturated_with_noise": (expected > ALWAYS).mean(),
        "within": ((middle[0] < v) & (v < middle[1])).mean(),
        "spread": quarters[1] - quarters[0],
    }
    if error is not None:
        rms = xp.sqrt((error.reshape(len(error), -1) ** 2).mean(axis=1))
        numbers["error"] = xp.sqrt((rms**2).mean())
        if len(rms) > 1:
            early, late = (part.max() for part in xp.array_split(rms, 2))
            numbers["early_over_late"] = early / xp.where(late > 0, late, xp.nan)
    return numbers
