"""The catalogue: every estimator that experiments compare, once, by the name it has everywhere.

A name is the same estimator in every figure, claim and page; its colour and marker are in
`figures.looks`. One line here puts an estimator into figure 3's comparison, figure 8's atlas and
the bench, unless the line names fewer of them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import snn
from experiments.engine.errors import UserError
from snn.coupling import Left, Right, StraightThrough, TwoSided
from snn.estimators.base import Estimator
from snn.estimators.disarm import DisARM
from snn.estimators.evolution_strategies import EvolutionStrategies
from snn.estimators.finite_differences import FiniteDifferences
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.estimators.score_function import LeaveOneOut
from snn.estimators.suffix_replays import SuffixReplays
from snn.estimators.truncated_replays import TruncatedReplays
from snn.flips import Draw, Independent, Stratified, Systematic
from snn.shapes import SHAPES


@dataclass(frozen=True)
class Settings:
    """Numbers that estimators are made with.

    Attributes:
        beta: slope of the escape noise, 1/potential; None: that of whatever network it is.
        n_flips: spikes flipped per trial, where not all are.
        n_blocks, flips_per_block: blocks of time, and flips in each, where replays start from
            blocks.
        epsilon: step of finite differences.
        sigma: width of the perturbations of evolution strategies.
    """

    beta: Any = None
    n_flips: int = 2
    n_blocks: int = 4
    flips_per_block: int = 4
    epsilon: Any = 0.1
    sigma: Any = 0.1


Make = Callable[[Settings], Estimator]

LAYERS, ATLAS, BENCH = "figure 3", "figure 8", "bench"
"""The comparisons."""
ALL = (LAYERS, ATLAS, BENCH)


@dataclass(frozen=True)
class Entry:
    """An estimator of the catalogue.

    Attributes:
        make: the estimator, from the settings.
        unbiased: whether it is, by proof; the mean of others is known exactly or is measured.
        compared: the comparisons that it takes part in. Others may ask for it by name.
        layers_only: whether it asks for layers without time.
        least_trials: how many it needs at once.
    """

    make: Make
    unbiased: bool = False
    compared: tuple[str, ...] = ALL
    layers_only: bool = False
    least_trials: int = 1


def _slope(settings: Settings, ratio: float) -> Any:
    """Return the slope parameter of a surrogate ``ratio`` times as steep as the escape noise."""
    if settings.beta is None:
        raise ValueError(
            f"a surrogate of {ratio:g} times the escape noise's slope: got no slope, expected a "
            f"number, in 1/potential. Pass beta=..."
        )
    return ratio * settings.beta


def _surrogate(slope: float = 1.0, compared: tuple[str, ...] = (ATLAS,), **choices: Any) -> Entry:
    """Surrogate gradient of a slope over the noise's, reset detached unless chosen otherwise."""

    def make(settings: Settings) -> Estimator:
        if settings.beta is None and slope == 1:
            return snn.Surrogate(**choices)
        return snn.Surrogate(snn.surrogate.Sigmoid(_slope(settings, slope)), **choices)

    return Entry(make, compared=compared)


def _of_other_slopes(name: str, compared: tuple[str, ...], **choices: Any) -> dict[str, Entry]:
    """Return surrogate gradients that are flatter and steeper than the escape noise."""
    return {
        f"{name}_x{slope:g}": _surrogate(slope, compared, **choices)
        for slope in (0.25, 0.5, 2.0, 4.0)
    }


def _as_wide(shape: str) -> Entry:
    """Surrogate gradient of another shape, as wide as the matched one."""
    return Entry(
        lambda s: snn.Surrogate(SHAPES[shape].as_wide_as_sigmoid(_slope(s, 1))),
        compared=(ATLAS,) if shape in ("SuperSpike", "Gaussian", "Box") else (),
    )


def _practised(derivative: Any, reset: Any = snn.detached) -> Entry:
    """Surrogate gradient of one slope, whatever the noise."""
    return Entry(lambda s: snn.Surrogate(derivative, reset=reset), compared=())


def _shape_name(shape: str) -> str:
    return "surrogate" + re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", shape)


def _few_flips(
    draw: Draw, coupling: snn.coupling.Coupling | None = None, compared: tuple[str, ...] = ()
) -> Entry:
    """Stochastic AD that flips some sites per trial; straight-through if not told otherwise."""
    chosen = coupling or StraightThrough()
    return Entry(
        lambda s: snn.StochasticAD(chosen, n_flips=s.n_flips, draw=draw),
        unbiased=True,
        compared=compared,
    )


CATALOGUE: dict[str, Entry] = {
    # Surrogate gradients. Matched, reset detached, unless the name says otherwise.
    "surrogate": _surrogate(compared=ALL),
    **_of_other_slopes("surrogate", compared=(ATLAS,)),
    # Other shapes at the width of the matched one.
    **{_shape_name(name): _as_wide(name) for name in SHAPES if "Sigmoid" not in name},
    "surrogate_deterministic": _surrogate(forward=snn.threshold),
    # Only over time does a reset make a difference.
    "surrogate_through": _surrogate(compared=(), reset=snn.through),
    "surrogate_ignored": _surrogate(compared=(), reset=snn.ignored),
    **_of_other_slopes("surrogate_through", compared=(), reset=snn.through),
    # As it is practised: not matched.
    "super_spike": _practised(snn.surrogate.SuperSpike(10.0)),
    "super_spike_through": _practised(snn.surrogate.SuperSpike(10.0), snn.through),
    "scaled_sigmoid": _practised(snn.surrogate.ScaledSigmoid(10.0)),
    "scaled_sigmoid_through": _practised(snn.surrogate.ScaledSigmoid(10.0), snn.through),
    # Smoothed, by autodiff or by stochastic derivatives.
    "smoothed_straight_through": Entry(
        lambda s: snn.SmoothedStochasticAD(StraightThrough()), compared=(LAYERS, BENCH)
    ),
    "mean_field": Entry(lambda s: snn.MeanField()),
    "smoothed_right": Entry(lambda s: snn.SmoothedStochasticAD(Right()), compared=(LAYERS, ATLAS)),
    "smoothed_left": Entry(lambda s: snn.SmoothedStochasticAD(Left()), compared=(LAYERS, ATLAS)),
    "smoothed_two_sided": Entry(
        lambda s: snn.SmoothedStochasticAD(TwoSided()), compared=(LAYERS, ATLAS)
    ),
    "path_sample_analytic": Entry(
        lambda s: PathSampleAnalytic(), compared=(ATLAS, BENCH), layers_only=True
    ),
    # Perturbed.
    "finite_differences": Entry(lambda s: FiniteDifferences(s.epsilon), compared=(ATLAS, BENCH)),
    "evolution_strategies": Entry(lambda s: EvolutionStrategies(s.sigma), compared=(ATLAS, BENCH)),
    # Unbiased.
    "stochastic_ad": Entry(lambda s: snn.StochasticAD(), unbiased=True),
    "stochastic_ad_right": Entry(
        lambda s: snn.StochasticAD(Right()), unbiased=True, compared=(LAYERS,)
    ),
    "stochastic_ad_left": Entry(
        lambda s: snn.StochasticAD(Left()), unbiased=True, compared=(LAYERS,)
    ),
    "stochastic_ad_two_sided": Entry(
        lambda s: snn.StochasticAD(TwoSided()), unbiased=True, compared=(LAYERS,)
    ),
    "stochastic_ad_few_flips": _few_flips(Independent(), compared=ALL),
    "stochastic_ad_stratified": _few_flips(Stratified()),
    "stochastic_ad_systematic": _few_flips(Systematic()),
    "stochastic_ad_left_systematic": _few_flips(Systematic(), Left()),
    "stochastic_ad_two_sided_systematic": _few_flips(Systematic(), TwoSided()),
    "suffix_replays": Entry(
        lambda s: SuffixReplays(flips_per_block=s.flips_per_block, n_blocks=s.n_blocks),
        unbiased=True,
        compared=(BENCH,),
    ),
    "truncated_replays": Entry(
        lambda s: TruncatedReplays(flips_per_block=s.flips_per_block, n_blocks=s.n_blocks),
        unbiased=True,
        compared=(BENCH,),
    ),
    "disarm": Entry(lambda s: DisARM(), unbiased=True, compared=(ATLAS, BENCH), layers_only=True),
    "score_function": Entry(
        lambda s: snn.ScoreFunction(LeaveOneOut()),
        unbiased=True,
        compared=(LAYERS, ATLAS),
        least_trials=2,
    ),
    "score_function_no_baseline": Entry(lambda s: snn.ScoreFunction(), unbiased=True),
    # Without trials: the gradient itself, and expectations of others.
    "exact_enumeration": Entry(lambda s: snn.ExactEnumeration(), unbiased=True, compared=(BENCH,)),
    "transfer_matrix": Entry(lambda s: snn.TransferMatrix(), unbiased=True, compared=(BENCH,)),
    "surrogate_expected": Entry(lambda s: snn.Expected(snn.Surrogate()), compared=(BENCH,)),
    "surrogate_layered_mean": Entry(lambda s: LayeredMean(snn.Surrogate()), compared=(BENCH,)),
}


def names_in(comparison: str) -> list[str]:
    """Return the names that take part in a comparison: `LAYERS`, `ATLAS` or `BENCH`."""
    return [name for name, entry in CATALOGUE.items() if comparison in entry.compared]


def estimator(name: str, batch_size: int | None = None, **settings: Any) -> Estimator:
    """Return the estimator of a name.

    Args:
        name: a key of the catalogue.
        batch_size: trials that run at once, if not as many as by default.
        **settings: the fields of `Settings`; each estimator takes what concerns it.

    Raises:
        UserError: for a name that is not in the catalogue.
    """
    made = _entry(name).make(Settings(**settings))
    return made if batch_size is None else replace(made, batch_size=batch_size)


def is_unbiased(name: str) -> bool:
    """Return whether the estimator of a name is unbiased, by proof."""
    return _entry(name).unbiased


def _entry(name: str) -> Entry:
    if entry := CATALOGUE.get(name):
        return entry
    close = get_close_matches(name, CATALOGUE) or list(CATALOGUE)
    fix = f"use {close[0]!r}, or add a line to CATALOGUE in experiments/estimators.py"
    raise UserError("no such estimator", name, ", ".join(close), fix)
