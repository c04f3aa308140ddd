"""One line in the catalogue makes an estimator a choice of experiments."""

import importlib.util
import sys

import jax
import numpy as np
import pytest
from jax import Array

import snn
from experiments.deep_networks import multilayer_derivatives
from experiments.engine.errors import UserError
from experiments.estimators import CATALOGUE, Entry, estimator, is_unbiased
from snn.estimators.base import AnyEstimator, Estimator
from snn.noise import FIRE, SILENT
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Estimate, Noise, Params
from snn.value_object import value_object


@value_object
class Toy(Estimator):
    """The score function, times a factor: biased if that is not 1."""

    factor: float = 1.0

    def single(self, program: Program, params: Params, noise: Noise, key: Array) -> Estimate:
        estimate = snn.ScoreFunction().single(program, params, noise, key)
        return Estimate(
            jax.tree.map(lambda g: self.factor * g, estimate.grad),
            estimate.loss,
            estimate.n_evaluations,
        )


@pytest.fixture(params=[True, False], ids=["unbiased", "biased"])
def toy(request, monkeypatch):
    """The line; whether the toy is unbiased."""
    factor = 1.0 if request.param else 3.0
    line = Entry(lambda s: Toy(factor), unbiased=request.param)
    monkeypatch.setitem(CATALOGUE, "toy", line)
    with jax.numpy_rank_promotion("allow"):
        yield request.param


def anew(module, monkeypatch):
    """A module imported after the line was added."""
    name = f"anew_{module.__name__}"
    spec = importlib.util.spec_from_file_location(name, module.__file__)
    copy = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, copy)
    spec.loader.exec_module(copy)
    return copy


def test_figure_3_can_compare_it(toy, monkeypatch):
    module = anew(multilayer_derivatives, monkeypatch)
    assert "toy" not in module.MultilayerDerivatives(seeds=[0]).estimators
    config = module.MultilayerDerivatives(
        sizes=[2, 2, 1], estimators=["toy"], n_trials=2048, seeds=[0]
    )
    data = {name: array[None] for name, array in config.compute(0).items()}
    assert (dict(module.z_scores(data))["toy"].max() < 5) == toy
    assert ("max_abs_z[toy]" in config.summary(data)) == toy


def test_every_line_makes_an_estimator():
    for name in CATALOGUE:
        assert isinstance(estimator(name, beta=2.0), AnyEstimator), name


EVERY = [made for name in CATALOGUE if isinstance(made := estimator(name, beta=2.0), Estimator)]
SPIKES_ALONE = {type(made): made for made in EVERY if made.depends_only_on_spikes}


@pytest.mark.parametrize(
    "made", [*SPIKES_ALONE.values(), snn.StochasticAD()], ids=lambda made: type(made).__name__
)
def test_where_spikes_alone_decide_forced_ones_and_other_trials_change_nothing(made):
    """As `snn.Expected` needs it. Replays, the wrong variant, depend on more."""
    network = snn.MLP((2, 3, 1), escape=snn.escape.Sigmoid(2.0))
    program = snn.Program(network, jax.numpy.ones(2), snn.losses.Linear())
    params = network.init(jax.random.key(1))
    noise = snn.draw_noise(program, params, jax.random.key(2), 32)
    few = jax.tree.map(lambda xi: xi[:16], noise)
    spikes = jax.vmap(lambda xi: [layer.s for layer in program(params, xi, FIXED).trace])(few)
    forced = type(noise)(tuple(jax.numpy.where(s == 1, FIRE, SILENT) for s in spikes))
    sampled, of_spikes = (
        snn.stats.flatten_trials(made.per_trial(program, params, xi, jax.random.key(3)).grad)[:16]
        for xi in (noise, forced)
    )
    assert np.allclose(sampled, of_spikes, rtol=0, atol=1e-9) == made.depends_only_on_spikes


@pytest.mark.parametrize("name, peak", [("super_spike", 1.0), ("scaled_sigmoid", 0.25)])
def test_what_is_practised_is_there_with_either_reset(name, peak):
    detached, through = estimator(name), estimator(f"{name}_through")
    assert (detached.reset, through.reset) == (snn.detached, snn.through)
    assert detached.derivative == through.derivative
    assert through.derivative(jax.numpy.zeros(1), jax.numpy.zeros(1), None) == peak


def test_a_slope_ratio_needs_a_slope():
    with pytest.raises(ValueError, match=r"2 times the escape noise's slope.*beta="):
        estimator("surrogate_x2")


@pytest.mark.parametrize("ask", [estimator, is_unbiased])
def test_a_name_that_is_not_there_is_refused_with_the_nearest(ask):
    with pytest.raises(UserError) as refused:
        ask("surogate_x3")
    error = refused.value
    assert error.got == "surogate_x3"
    assert error.expected.split(", ") == ["surrogate_x4", "surrogate_x2", "surrogate_box"]
    assert error.fix.startswith("use 'surrogate_x4', or add a line")
    with pytest.raises(UserError, match="expected: .*surrogate, .*disarm"):
        ask("???")
