"""Numbers of a layer in one training step, for any logger; no exact gradient is needed."""

import numpy as np

from snn_tools.shared.observed import ALWAYS, fire, sizes_of, spread_of


def layer_numbers(
    s: np.ndarray,
    v: np.ndarray,
    p: np.ndarray,
    middle: tuple[float, float],
    error: np.ndarray | None = None,
) -> dict[str, float]:
    """Return rate, dead and saturated shares, reach of the surrogate, and sizes of errors.

    Numbers with and without noise are those of the same potentials: with noise a neuron fires with
    its probability, without noise where its potential is above threshold.

    Args:
        s: spikes of a step of training, ``(time, ..., neuron)``.
        v: potentials minus threshold, same shape.
        p: firing probabilities, same shape.
        middle: ends of the middle half of the surrogate derivative's integral.
        error: dL/dv, same shape; None if it is not known.
    """
    still, dead, saturated = fire(v > 0)
    p = p.reshape(-1, p.shape[-1]).astype(float)
    # Probability that a neuron stays silent throughout.
    silence = np.exp(np.log1p(-np.minimum(p, 1 - 1e-7)).sum(axis=0))
    numbers = {
        "rate": fire(s)[0],
        "rate_without_noise": still,
        "rate_with_noise": float(p.mean()),
        "dead_without_noise": dead,
        "dead_with_noise": float(silence.mean()),
        "saturated_without_noise": saturated,
        "saturated_with_noise": float((p.mean(axis=0) > ALWAYS).mean()),
        "within": float(((middle[0] < v) & (v < middle[1])).mean()),
        "spread": spread_of(v),
    }
    if error is not None:
        _, numbers["error"], growth = sizes_of(error)
        numbers |= {"early_over_late": growth} if len(error) > 1 else {}
    return numbers
