"""Measure layers, potentials and surrogate derivatives as arrays of NumPy."""

import dataclasses

import numpy as np

from snn_tools.shared.shape import Shape

ALWAYS = 0.9
"""Largest share of steps with a spike for a neuron that is not saturated."""


@dataclasses.dataclass(frozen=True)
class Still:
    """A spiking layer in one forward pass without noise.

    Attributes:
        rate: spikes per neuron and step.
        silent: share of neurons that never fired.
        saturated: share of neurons that fired in more than `ALWAYS` of their steps.
        bound: share of potentials at the upper bound of a clip, see `share_at_bound`.
        top: the largest potential.
        chances: number of examples times steps, in which each neuron may fire.
    """

    rate: float
    silent: float
    saturated: float
    bound: float
    top: float
    chances: int


@dataclasses.dataclass(frozen=True)
class Layer:
    """A spiking layer in the trials that were run.

    Attributes:
        name: place in the trace, or name of the module.
        neurons: number of neurons, the last axis of its sites.
        own: the surrogate derivative as a function of the potential.
        noise: the slope of the escape noise as a function of the potential.
        still: the layer without noise.
        rate: spikes per neuron and step.
        silent: share of neurons that never fired.
        saturated: share of neurons that fired in more than `ALWAYS` of their steps.
        within: share of potentials in the middle half of the surrogate derivative's integral.
        passes: mean size of the surrogate derivative at the potentials, over its peak.
        spread: interquartile range of the potentials.
        bad: number of potentials that are NaN; a refractory neuron has minus infinity.
        size: root mean square of dL/dv over all trials, steps and neurons.
        growth: largest error of the first half of the trial over the largest error of the second;
            NaN without time steps.
        excess: largest error over the largest possible error of an exact gradient, which is the
            range of the losses times the peak of the noise's slope.
    """

    name: str
    neurons: int
    own: Shape
    noise: Shape
    still: Still
    rate: float
    silent: float
    saturated: float
    within: float
    passes: float
    spread: float
    bad: int
    size: float
    growth: float
    excess: float

    @property
    def unused(self) -> bool:
        """Return whether no error reaches the spikes, as of a readout by its potentials."""
        return self.size == 0


def fire(s: np.ndarray) -> tuple[float, float, float]:
    """Return rate, and shares of silent and saturated neurons; neurons are the last axis."""
    rates = s.reshape(-1, s.shape[-1]).mean(axis=0)
    return float(rates.mean()), float((rates == 0).mean()), float((rates > ALWAYS).mean())


def still_of(v: np.ndarray) -> Still:
    """Measure a layer from its potentials minus threshold in one forward pass without noise."""
    return Still(*fire(v > 0), share_at_bound(v), float(v.max()), int(v[..., 0].size))


def share_at_bound(v: np.ndarray) -> float:
    """Return the share of potentials that are exactly the largest potential of the layer.

    A clip leaves a mass of equal potentials at its bound. The share counts as 0 if fewer than two
    neurons reach the bound, or if most other potentials have ties, too, as with few input patterns.
    """
    v = v.reshape(-1, v.shape[-1]).astype(float)
    top, bottom = v.max(), v.min()
    tied = v >= top - 1e-6 * max(1.0, abs(top))
    rest = v[~tied & (v > bottom)]  # a clip may have two bounds
    if tied.any(axis=0).sum() < 2 or len(np.unique(rest)) < max(2, rest.size / 2):
        return 0.0
    return float(tied.mean())


def sizes_of(error: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return root mean squares of dL/dv: of each step, and of all; and early over late.

    Args:
        error: dL/dv, steps first.

    Returns:
        The third number is the largest of the first half of steps over the largest of the second;
        NaN without a second half.
    """
    rms = np.sqrt((error.reshape(len(error), -1).astype(float) ** 2).mean(axis=1))
    early, late = (part.max(initial=0.0) for part in np.array_split(rms, 2))
    return rms, float(np.sqrt((rms**2).mean())), float(early / late) if late > 0 else float("nan")


def spread_of(v: np.ndarray) -> float:
    """Return the interquartile range of the finite potentials; 0 without any."""
    v = v[np.isfinite(v)]
    return float(np.ptp(np.percentile(v, [25, 75]))) if v.size else 0.0


def layer_of(
    name: str,
    shapes: tuple[Shape, Shape],
    still: np.ndarray,
    spikes: tuple[np.ndarray, np.ndarray, np.ndarray],
    error: np.ndarray,
    losses: np.ndarray,
) -> Layer:
    """Measure a layer; trials are the first axis of spikes and losses, neurons the last.

    Args:
        name: place or name of the layer.
        shapes: surrogate derivative and slope of the noise as functions of the potential.
        still: potentials minus threshold in one forward pass without noise.
        spikes: spikes, potentials minus threshold, and the surrogate derivative at the potentials.
        error: dL/dv, with time as the first axis; of length 1 without time.
        losses: losses of the trials.
    """
    (s, v, slope), (own, noise) = spikes, shapes
    (low, high), slope = own.middle, slope[np.isfinite(v)]
    rate, silent, saturated = fire(s)
    rms, size, growth = sizes_of(error)
    losses = losses[np.isfinite(losses)]
    most = float(np.ptp(losses)) * noise.peak if losses.size else 0.0
    return Layer(
        name=name,
        neurons=s.shape[-1],
        own=own,
        noise=noise,
        still=still_of(still),
        rate=rate,
        silent=silent,
        saturated=saturated,
        within=float(((low < v) & (v < high)).mean()),
        passes=float(np.abs(slope).mean() / abs(own.peak)) if slope.size and own.peak else np.nan,
        spread=spread_of(v),
        bad=int(np.isnan(v).sum()),
        size=size,
        growth=growth,
        excess=float(rms.max() / most) if most > 0 else np.nan,
    )


@dataclasses.dataclass(frozen=True)
class Leaf:
    """The surrogate gradient of an array of parameters, in single trials.

    Attributes:
        name: name of the array.
        size: number of parameters.
        norm: root mean square of the norm over trials.
        bad: number of parameters that are not finite in some trial.
    """

    name: str
    size: int
    norm: float
    bad: int


def leaf_of(name: str, g: np.ndarray) -> Leaf:
    """Measure the gradients of an array of parameters, ``(trial, parameter)``."""
    bad = ~np.isfinite(g)
    norm = float(np.sqrt((np.where(bad, 0.0, g) ** 2).sum(axis=1).mean()))
    return Leaf(name, g.shape[1], norm, int(bad.any(axis=0).sum()))


def is_proportional(one: np.ndarray, two: np.ndarray) -> bool:
    """Return whether a backward pass is proportional to the gradient that arrives.

    Args:
        one: derivative at some potentials, for an arriving gradient of 1.
        two: the same for an arriving gradient of 2.
    """
    finite = np.isfinite(one) & np.isfinite(two)
    return np.allclose(two[finite], 2 * one[finite], rtol=0.01)
