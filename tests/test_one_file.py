"""The paper in one file: its numbers are the library's, and its page shows what it prints."""

import ast
import re
import runpy
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import pytest
from jax.tree_util import Partial

import snn

DOCS = Path(__file__).parents[1] / "docs"
SOURCE = (DOCS / "one_file.py").read_text()
NETWORK = snn.MLP((2, 4, 1), snn.escape.Sigmoid(4.0), theta=0.5, bias=False)
ESTIMATORS = {
    "surrogate": snn.Surrogate(),
    "smoothed": snn.SmoothedStochasticAD(snn.coupling.StraightThrough()),
    "stochastic_ad": snn.StochasticAD(),
    "score_function": snn.ScoreFunction(),
}
NAMES = {"surrogate gradient": "surrogate", "stochastic AD": "stochastic_ad"}
NAMES["score function"] = "score_function"


@pytest.fixture(scope="module")
def one_file():
    """Names of the file, which is read but not run."""
    return runpy.run_path(str(DOCS / "one_file.py"))


X, Z = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), (0.0, 1.0, 1.0, 0.0)


def wrong_answer(z, output):
    """Return 1 if the output spike differs from the target z, and 0 if it does not."""
    return z + (1 - 2 * z) * output[0]


# Inputs and targets are leaves of a program: one compilation serves all four.
LOSSES = [Partial(wrong_answer, jnp.asarray(z)) for z in Z]


@cache
def programs(network):
    """Return the program of each of the four inputs."""
    pairs = zip(X, LOSSES, strict=True)
    return [snn.Program(network, jnp.asarray(x), loss) for x, loss in pairs]


def layers(weights):
    return [{"w": jnp.asarray(w)} for w in weights]


def flat(params):
    return np.concatenate([np.ravel(layer["w"]) for layer in params])


def per_trial(name, weights, xi):
    """Return the library's estimate from each trial, ``(trial, weight)``."""
    rows = np.empty((len(xi), sum(np.size(w) for w in weights)))
    for i, program in enumerate(programs(NETWORK)):
        noise = snn.noise.Uniforms((jnp.asarray(xi[i::4, :4]), jnp.asarray(xi[i::4, 4:])))
        grad = ESTIMATORS[name].per_trial(program, layers(weights), noise).grad
        rows[i::4] = np.hstack([np.reshape(w["w"], (len(xi[i::4]), -1)) for w in grad])
    return rows


def mean_over_inputs(oracle, weights, network=NETWORK):
    params = layers(weights)
    return np.mean([flat(oracle(p, params).grad) for p in programs(network)], axis=0)


def drawn(seed, n=40):
    """Return weights, and the noise of n trials."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(2, 4)), rng.normal(size=(4, 1))], rng.random((n, 5))


def test_it_stays_one_file_of_jax_and_numpy():
    imports = [x for x in ast.walk(ast.parse(SOURCE)) if isinstance(x, ast.Import | ast.ImportFrom)]
    names = {getattr(x, "module", None) or x.names[0].name for x in imports}
    assert names == {"functools", "jax", "jax.numpy", "matplotlib.pyplot", "numpy"}


@pytest.mark.parametrize("seed", [0, 10])
def test_the_exact_gradient_is_that_of_the_library(one_file, seed):
    weights, _ = drawn(seed)
    exact = mean_over_inputs(snn.ExactEnumeration(), weights)
    np.testing.assert_allclose(one_file["flat"](one_file["exact"](weights)), exact, atol=1e-12)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_each_gradient_is_that_of_the_library_in_each_trial(one_file, name):
    weights, xi = drawn(10)
    each = one_file["flat"](one_file["gradients"](one_file[name], weights, xi), len(xi))
    wanted = per_trial(name, weights, xi)
    assert np.abs(wanted).max() > 0.1
    np.testing.assert_allclose(each, wanted, atol=1e-12)
    assert np.abs(1.01 * each - wanted).max() > 1e-3


@pytest.mark.parametrize(
    ("name", "coupling"),
    [("from_right", snn.coupling.Right()), ("from_left", snn.coupling.Left())],
)
def test_one_sided_couplings_are_those_of_the_library_and_no_surrogate(one_file, name, coupling):
    v, s = jnp.linspace(-0.7, 0.9, 9), jnp.arange(9) % 2.0
    slope = one_file[name](v, s)
    wanted = coupling.weighted_slope(v, s, snn.escape.Sigmoid(4.0))
    np.testing.assert_allclose(slope, wanted, atol=1e-12)
    assert np.abs(slope - one_file["slope"](v)).max() > 0.1


def test_the_surrogate_is_exact_in_one_neuron_and_wrong_in_three_networks(one_file):
    expected, enumeration = snn.Expected(snn.Surrogate()), snn.ExactEnumeration()
    neuron = snn.MLP((2, 1), snn.escape.Sigmoid(4.0), theta=0.5, bias=False)
    one = [drawn(0)[0][0][:, :1]]
    exact = mean_over_inputs(enumeration, one, neuron)
    assert np.abs(exact).max() > 0.01
    np.testing.assert_allclose(mean_over_inputs(expected, one, neuron), exact, atol=1e-15)
    wrong = [
        mean_over_inputs(expected, w) * mean_over_inputs(enumeration, w) < 0
        for w in (drawn(seed)[0] for seed in range(20))
    ]
    assert sum(signs.any() for signs in wrong) == 3
    assert wrong[10].sum() == 2


@pytest.mark.parametrize("name", ["surrogate", "stochastic_ad"])
def test_training_is_descent_along_the_gradient_of_the_library(one_file, name):
    weights, _ = drawn(11)
    noise = np.random.default_rng(12).random((6, 8, 5))
    chance = one_file["train"](one_file[name], weights, noise)
    for update, xi in enumerate(noise):
        g = per_trial(name, weights, xi).mean(axis=0)
        weights = [weights[0] - 2 * g[:8].reshape(2, 4), weights[1] - 2 * g[8:].reshape(4, 1)]
        losses = [snn.ExactEnumeration()(p, layers(weights)).loss for p in programs(NETWORK)]
        assert chance[update] == pytest.approx(np.mean(losses), abs=1e-12)


def test_it_prints_the_table_of_the_page_from_the_numbers_of_the_library(
    one_file, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    jax.config.update("jax_numpy_rank_promotion", "allow")
    runpy.run_path(str(DOCS / "one_file.py"), run_name="__main__")
    plt.close("all")
    printed = capsys.readouterr().out
    assert (tmp_path / "one_file.png").stat().st_size > 10_000
    assert f"```text\n{printed}```" in (DOCS / "one_file.md").read_text()
    weights, xi = drawn(10, 2**16)
    g = mean_over_inputs(snn.ExactEnumeration(), weights)
    for name, key in NAMES.items():
        each = per_trial(key, weights, xi)
        mean, norm = each.mean(axis=0), np.linalg.norm
        cosine, length = mean @ g / norm(mean) / norm(g), norm(mean) / norm(g)
        spread = norm(each.std(axis=0)) / norm(g)
        wrong = (mean * g < 0) & (abs(mean) > 5 * each.std(axis=0) / 2**8)
        row = re.search(rf"^{name} +(.*)$", printed, re.MULTILINE)
        passes = 6 if key == "stochastic_ad" else 1
        wanted = f"{cosine:.3f} {length:.2f} {wrong.sum()} {spread:.1f} {passes}"
        assert row and row[1].split() == wanted.split()
