"""Catalogue of estimators: all estimators that experiments can use, by name.

A name is the same estimator in every figure, claim and page; its colour and marker are in
`figures.looks`. One line here makes an estimator a choice of every experiment. It changes no
figure: each preset lists the estimators that it compares.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import snn
from experiments.engine.errors import UserError
from snn.coupling import Left, Right, StraightThrough, TwoSided
from snn.estimators.base import AnyEstimator, Estimator
from snn.estimators.disarm import DisARM
from snn.estimators.evolution_strategies import EvolutionStrategies
from snn.estimators.finite_differences import FiniteDifferences
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.estimators.score_function import LeaveOneOut
from snn.estimators.suffix_replays import SuffixReplays
from snn.flips import Draw, Independent, Stratified, Systematic
from snn.shapes import SHAPES


@dataclass(frozen=True)
class EstimatorSettings:
    """Numbers that estimators take.

    Attributes:
        beta: slope of the escape noise, 1/potential; None: the slope of the network's own noise.
        n_flips: spikes flipped per trial, by estimators that do not flip all.
        n_blocks: blocks of time, for estimators whose replays start at a block.
        flips_per_block: flips in each block of time.
        epsilon: step of finite differences.
        sigma: width of the perturbations of evolution strategies.
    """

    beta: Any = None
    n_flips: int = 2
    n_blocks: int = 4
    flips_per_block: int = 4
    epsilon: Any = 0.1
    sigma: Any = 0.1


Make = Callable[[EstimatorSettings], AnyEstimator]


@dataclass(frozen=True)
class Entry:
    """An estimator of the catalogue.

    Attributes:
        make: function that returns the estimator for given settings.
        unbiased: whether a proof shows that the estimator is unbiased. The mean of a biased one is
            computed exactly or measured.
    """

    make: Make
    unbiased: bool = False


def _slope(settings: EstimatorSettings, ratio: float) -> Any:
    """Return the slope parameter of a surrogate: ``ratio`` times that of the escape noise."""
    if settings.beta is None:
        raise ValueError(
            f"a surrogate of {ratio:g} times the escape noise's slope: got no slope, expected a "
            f"number, in 1/potential. Pass beta=..."
        )
    return ratio * settings.beta


def _surrogate(slope: float = 1.0, **choices: Any) -> Entry:
    """Return a surrogate gradient; ``slope`` is in units of the escape noise's slope."""

    def make(settings: EstimatorSettings) -> Estimator:
        if settings.beta is None and slope == 1:
            return snn.Surrogate(**choices)
        return snn.Surrogate(snn.surrogate.Sigmoid(_slope(settings, slope)), **choices)

    return Entry(make)


def _unmatched(name: str, **choices: Any) -> dict[str, Entry]:
    """Return surrogate gradients of smaller and larger slopes than the escape noise."""
    return {f"{name}_x{slope:g}": _surrogate(slope, **choices) for slope in (0.25, 0.5, 2.0, 4.0)}


def _same_width(shape: str) -> Entry:
    """Return a surrogate gradient of a shape, as wide as the matched sigmoid."""
    return Entry(lambda s: snn.Surrogate(SHAPES[shape].as_wide_as_sigmoid(_slope(s, 1))))


def _fixed(derivative: Any, reset: Any = snn.detached) -> Entry:
    """Return a surrogate gradient whose slope does not depend on the noise."""
    return Entry(lambda s: snn.Surrogate(derivative, reset=reset))


def _shape_name(shape: str) -> str:
    return "surrogate" + re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", shape)


def _few_flips(draw: Draw, coupling: snn.coupling.Coupling | None = None) -> Entry:
    """Return stochastic AD that flips some sites per trial; straight-through by default."""
    chosen = coupling or StraightThrough()
    return Entry(lambda s: snn.StochasticAD(chosen, n_flips=s.n_flips, draw=draw), unbiased=True)


CATALOGUE: dict[str, Entry] = {
    # Surrogate gradients. Matched, reset detached, unless the name says otherwise.
    "surrogate": _surrogate(),
    **_unmatched("surrogate"),
    # Shapes other than the sigmoid, at the width of the matched sigmoid.
    **{_shape_name(name): _same_width(name) for name in SHAPES if "Sigmoid" not in name},
    "surrogate_deterministic": _surrogate(forward=snn.threshold),
    # Only over time does a reset make a difference.
    "surrogate_through": _surrogate(reset=snn.through),
    "surrogate_ignored": _surrogate(reset=snn.ignored),
    **_unmatched("surrogate_through", reset=snn.through),
    # The usual choices in practice: not matched to the noise.
    "super_spike": _fixed(snn.surrogate.SuperSpike(10.0)),
    "super_spike_through": _fixed(snn.surrogate.SuperSpike(10.0), snn.through),
    "scaled_sigmoid": _fixed(snn.surrogate.ScaledSigmoid(10.0)),
    "scaled_sigmoid_through": _fixed(snn.surrogate.ScaledSigmoid(10.0), snn.through),
    # Smoothed, by autodiff or by stochastic derivatives.
    "smoothed_straight_through": Entry(lambda s: snn.SmoothedStochasticAD(StraightThrough())),
    "mean_field": Entry(lambda s: snn.MeanField()),
    "smoothed_right": Entry(lambda s: snn.SmoothedStochasticAD(Right())),
    "smoothed_left": Entry(lambda s: snn.SmoothedStochasticAD(Left())),
    "smoothed_two_sided": Entry(lambda s: snn.SmoothedStochasticAD(TwoSided())),
    "path_sample_analytic": Entry(lambda s: PathSampleAnalytic()),
    # Perturbed.
    "finite_differences": Entry(lambda s: FiniteDifferences(s.epsilon)),
    "evolution_strategies": Entry(lambda s: EvolutionStrategies(s.sigma)),
    # Unbiased.
    "stochastic_ad": Entry(lambda s: snn.StochasticAD(), unbiased=True),
    "stochastic_ad_right": Entry(lambda s: snn.StochasticAD(Right()), unbiased=True),
    "stochastic_ad_left": Entry(lambda s: snn.StochasticAD(Left()), unbiased=True),
    "stochastic_ad_two_sided": Entry(lambda s: snn.StochasticAD(TwoSided()), unbiased=True),
    "stochastic_ad_few_flips": _few_flips(Independent()),
    "stochastic_ad_stratified": _few_flips(Stratified()),
    "stochastic_ad_systematic": _few_flips(Systematic()),
    "stochastic_ad_left_systematic": _few_flips(Systematic(), Left()),
    "stochastic_ad_two_sided_systematic": _few_flips(Systematic(), TwoSided()),
    "suffix_replays": Entry(
        lambda s: SuffixReplays(flips_per_block=s.flips_per_block, n_blocks=s.n_blocks),
        unbiased=True,
    ),
    "truncated_replays": Entry(
        lambda s: SuffixReplays(
            flips_per_block=s.flips_per_block, n_blocks=s.n_blocks, survival=0.5
        ),
        unbiased=True,
    ),
    "disarm": Entry(lambda s: DisARM(), unbiased=True),
    "score_function": Entry(lambda s: snn.ScoreFunction(LeaveOneOut()), unbiased=True),
    "score_function_no_baseline": Entry(lambda s: snn.ScoreFunction(), unbiased=True),
    # Without trials: the gradient itself, and expectations of others.
    "exact_enumeration": Entry(lambda s: snn.ExactEnumeration(), unbiased=True),
    "transfer_matrix": Entry(lambda s: snn.TransferMatrix(), unbiased=True),
    "surrogate_expected": Entry(lambda s: snn.Expected(snn.Surrogate())),
    "surrogate_layered_mean": Entry(lambda s: LayeredMean(snn.Surrogate())),
}


def estimator(name: str, batch_size: int | None = None, **settings: Any) -> Any:
    """Return the estimator or oracle of a name.

    Args:
        name: a key of the catalogue.
        batch_size: trials that run at once, if not as many as by default.
        **settings: the fields of `EstimatorSettings`; each estimator takes what concerns it.

    Raises:
        UserError: for a name that is not in the catalogue.
    """
    chosen = _entry(name).make(EstimatorSettings(**settings))
    return chosen if batch_size is None else replace(chosen, batch_size=batch_size)


def is_unbiased(name: str) -> bool:
    """Return whether the estimator of a name is unbiased, by proof."""
    return _entry(name).unbiased


def _entry(name: str) -> Entry:
    if entry := CATALOGUE.get(name):
        return entry
    close = get_close_matches(name, CATALOGUE) or list(CATALOGUE)
    fix = f"use {close[0]!r}, or add a line to CATALOGUE in experiments/estimators.py"
    raise UserError("no such estimator", name, ", ".join(close), fix)
