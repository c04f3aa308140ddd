"""Randomness: reproducible under a seed, at the claimed rate, with the density as derivative."""

import numpy as np

from snn_tools.conformance.checks.structure import FACTORS
from snn_tools.conformance.measured import SIZE
from snn_tools.conformance.subject import Failure, Skipped, Subject

N_DRAWS = 20_000


def randomness(function: Subject) -> None:
    """Expect equal draws in two calls, and different draws with another seed."""
    v = np.resize([-0.01 * function.scale, 0.01 * function.scale], SIZE)
    box, dtype = function.box, function.finest
    first = [getattr(box, what)(v, dtype).values for what in ("spikes", "gradient")]
    again = [getattr(box, what)(v, dtype).values for what in ("spikes", "gradient")]
    if not all(map(np.array_equal, first, again)):
        raise Failure("two calls with the same arguments differ", v[0])
    if box.random:
        other = [getattr(box.seeded(1), what)(v, dtype).values for what in ("spikes", "gradient")]
        if all(map(np.array_equal, first, other)):
            raise Failure("another seed gives the same spikes and derivatives", v[0])


def rate(function: Subject) -> None:
    """Expect spikes with the claimed probability: z-scores below 5, of 20 000 draws each."""
    probability = function.claim.probability
    if not function.box.random or probability is None:
        raise Skipped("no firing probability of drawn spikes is claimed")
    v = FACTORS * function.scale
    spikes = function.box.spikes(np.repeat(v[:, None], N_DRAWS, 1), function.finest).values
    p = probability(v)
    se = np.sqrt(np.maximum(p * (1 - p), 1e-9) / N_DRAWS)
    z = (spikes.mean(1) - p) / se
    i = int(np.abs(z).argmax())
    if abs(z[i]) > 5:
        raise Failure(
            f"firing rate at v = {v[i]:.4g}: got {spikes[i].mean():.4f} in {N_DRAWS} draws, "
            f"claimed {p[i]:.4f} (z = {z[i]:.1f})",
            v[i],
        )


def density(function: Subject) -> None:
    """Expect the density of the claimed noise: differences of its distribution."""
    probability = function.claim.probability
    if probability is None:
        raise Skipped("no noise is claimed")
    v = 0.83 * FACTORS * function.scale
    step = 1e-4 * function.scale
    right = (probability(v + step) - probability(v - step)) / (2 * step)
    got = function.gradient(v)
    wrong = ~(np.abs(got - right) <= max(1e-4, function.rtol) * np.abs(right).max())
    if wrong.any():
        i = int(wrong.argmax())
        raise Failure(
            f"derivative at v = {v[i]:.4g}: got {got[i]:.6g}, "
            f"the density of the claimed noise is {right[i]:.6g}",
            v[i],
        )
