"""`compare` against enumeration: cosines, norm ratios, their errors, warnings, and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

import snn
from snn.estimators.score_function import LeaveOneOut, ScoreFunction
from snn.stats.batch_means import KNOWN_SE
from snn_tools.doctor import compare
from snn_tools.jax.truth import ENUMERABLE
from snn_tools.shared.printing import plus_minus
from tests.snn.problems import Problem, recurrent_lif

KEY = jax.random.key(0)
STEEP = snn.Surrogate(snn.surrogate.Sigmoid(12.0))


def small():
    """Two hidden neurons and an output: 3 sites."""
    network = snn.MLP((2, 2, 1), snn.escape.Sigmoid(3.0))
    params = [
        {"w": jnp.array([[0.9, -0.6], [0.4, 0.7]]), "b": jnp.array([0.1, 0.2])},
        {"w": jnp.array([[0.9], [0.8]]), "b": jnp.array([-0.7])},
    ]
    loss = snn.losses.Squared(jnp.array([-0.2]))
    return Problem(snn.Program(network, jnp.array([1.0, 0.5]), loss), params)


@pytest.fixture(scope="module")
def exact():
    """The gradient, by enumeration."""
    return np.asarray(snn.stats.flatten(snn.ExactEnumeration()(*small()).grad))


@pytest.fixture(scope="module")
def comparison():
    return compare(*small(), {"steep": STEEP}, jax.random.key(1))


def test_cosine_and_ratio_are_those_of_enumeration(comparison, exact):
    mean = np.asarray(snn.stats.flatten(snn.Expected(STEEP)(*small()).grad))
    off = []
    for group, index in {"all": slice(None), "0": slice(0, 6), "1/b": slice(6, 7)}.items():
        row, g, h = comparison.row("steep", group), mean[index], exact[index]
        norms = np.linalg.norm(g), np.linalg.norm(h)
        # A cosine near 1 is bent: its error is of second order there.
        assert abs(row.cosine - g @ h / np.prod(norms)) < 5 * row.cosine_se + 2e-3
        assert abs(row.ratio - norms[0] / norms[1]) < 5 * row.ratio_se
        off.append(abs(row.ratio - 2 * norms[0] / norms[1]) / row.ratio_se)
    assert max(off) > 10  # power: a factor of 2 is seen
    assert all(t.noise == 0 for t in comparison.truth)


def test_a_sampled_truth_agrees_and_tells_its_own_noise(comparison, exact):
    truth = ScoreFunction(LeaveOneOut())
    sampled = compare(*small(), {"steep": STEEP}, jax.random.key(2), truth=truth)
    row, other = sampled.row("steep"), comparison.row("steep")
    assert abs(row.ratio - other.ratio) < 5 * np.hypot(row.ratio_se, other.ratio_se)
    noise = sampled.truth[0].noise
    assert abs(sampled.truth[0].norm / np.linalg.norm(exact) - 1) < 5 * noise
    assert 1e-3 < noise < 0.05


def test_too_few_trials_are_said(comparison):
    score = {"score": ScoreFunction(Partial(jnp.full_like, fill_value=-20.0))}
    few = compare(*small(), score, jax.random.key(3), n_trials=32)
    unknown = [row for row in few.rows if not row.known]
    assert not any(row.cosine_se < KNOWN_SE for row in unknown)
    (warning,) = few.warnings
    assert warning.startswith("too few trials for the direction of score in ")
    assert all(row.group in warning for row in unknown) and len(unknown) > 2
    assert not comparison.warnings


def test_groups_are_layers_and_their_arrays(comparison):
    sizes = {t.group: t.size for t in comparison.truth}
    assert sizes == {"all": 9, "0": 6, "0/b": 2, "0/w": 4, "1": 3, "1/b": 1, "1/w": 2}


def test_it_prints_and_is_written(comparison):
    table = str(comparison)
    assert "gradient of the expected loss" in table and "exact, 8 runs" in table


def test_the_network_without_noise_has_no_gradient_unless_it_is_said():
    program, params = small()
    candidates = {"usual": snn.Surrogate(STEEP.derivative, forward=snn.threshold)}
    with pytest.raises(ValueError, match='got None, and usual without noise.*truth="sampled"'):
        compare(program, params, candidates, KEY)
    silent = snn.MLP(program.network.sizes, snn.escape.Step())
    noiseless = snn.Program(silent, program.x, program.loss)
    with pytest.raises(ValueError, match="a network without noise"):
        compare(noiseless, params, {"steep": STEEP}, KEY)


def test_arguments_are_checked_before_anything_is_computed():
    problem = recurrent_lif()
    assert problem.program.x.shape[0] * 2 <= ENUMERABLE
    with pytest.raises(ValueError, match="candidates: got {}"):
        compare(*problem, {}, KEY)
    with pytest.raises(ValueError, match="expected at least 32 of each"):
        compare(*problem, {"a": snn.Surrogate()}, KEY, n_trials=16)


def test_numbers_are_as_long_as_their_errors_leave_them():
    assert plus_minus(0.9876, 0.004) == "0.988 ± 0.004"
    assert plus_minus(1.23, 790228.4) == "1 ± 8e+05"
    assert plus_minus(1.23, float("nan")) == "1.23 (error unknown)"


def network(p):
    """A hidden neuron that spikes with probability p in each of two inputs, and a readout."""
    params = snn.MLP((1, 1, 1), snn.escape.Sigmoid(1.0)).init(KEY)
    params[0] = {"w": jnp.zeros((1, 1)), "b": jnp.full(1, np.log(p / (1 - p)))}
    params[1] = {"w": jnp.full((1, 1), 8.0), "b": jnp.full(1, -4.0)}
    program = snn.Program(
        snn.MLP((1, 1, 1), snn.escape.Sigmoid(1.0)), jnp.ones(1), snn.losses.Linear(100.0)
    )
    return Problem(program, params)


def compared(p):
    return compare(
        *network(p),
        {"score": snn.ScoreFunction()},
        KEY,
        truth=snn.ScoreFunction(),
        n_trials=4096,
        truth_runs=8192,
    )


@pytest.fixture(scope="module")
def rare():
    return compared(1e-3)


def test_rare_spikes_are_warned_of_and_nothing_is_known(rare):
    heavy_warnings = [w for w in rare.warnings if "few trials carry its variance" in w]
    assert len(heavy_warnings) == 2 and "the true gradient" in heavy_warnings[1] + heavy_warnings[0]
    row = rare.row("score", "0/w")
    spikes = 4096 * 1e-3
    assert row.heavy and not row.known and spikes / 3 < row.effective < 3 * spikes
    assert "few trials" in str(rare)


def test_frequent_spikes_are_not():
    frequent = compared(0.3)
    assert not any("few trials" in w for w in frequent.warnings)
    assert not any(r.heavy for r in (*frequent.rows, *frequent.truth))
    assert frequent.row("score", "0/w").effective > 400
