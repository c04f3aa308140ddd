"""Surrogate gradients in one file: what they are, when they are exact, and when they are wrong.

A spike is 0 or 1, so its derivative is useless, and yet spiking networks learn by gradient descent.
This file differentiates one network, without time and reset, in four ways, and trains it with two.
It follows J. Gygax and F. Zenke, Neural Computation 37(5), 2025, doi:10.1162/neco_a_01752.

    python docs/one_file.py     # prints a table and draws one_file.png, in a few seconds
"""

from functools import partial

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

jax.config.update("jax_enable_x64", True)

# 1. A neuron that fires at random
#
# A neuron of potential u and threshold θ is v = u - θ above threshold. It fires with probability
#
#     p(v) = 1 / (1 + exp(-β v)),     of slope     p'(v) = β p(v) (1 - p(v)),
#
# the escape noise: the larger β, the less noise. A uniform random number ξ decides on the spike:
# s = 1 if ξ < p(v), else s = 0.

BETA, THETA = 4.0, 0.5
p = lambda v: jax.nn.sigmoid(BETA * v)
slope = lambda v: BETA * p(v) * (1 - p(v))
sample = lambda v, xi: (xi < p(v)).astype(v.dtype)

# 2. A network is a program, and random numbers and the spike are arguments
#
# Two inputs, four hidden neurons and one output neuron have twelve weights and five spikes. The
# network does not know how it will be differentiated, because the function `spike` is an argument.
# The task is exclusive or. The loss is 1 for a wrong answer y and 0 for a right answer.

SITES = 4 + 1
X, Z = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])


def trial(weights, x, z, xi, spike=sample):
    """Run the network once. Return the loss, and v of all neurons in order of the layers."""
    s, potentials = x, []
    for w in weights:
        v = s @ w - THETA
        s, xi = spike(v, xi[: v.size]), xi[v.size :]
        potentials.append(v)
    return z + (1 - 2 * z) * s[0], jnp.concatenate(potentials)


# 3. The exact gradient, by enumeration
#
# Five spikes have 2^5 = 32 patterns. The expected loss is the chance of a wrong answer,
#
#     E[L] = Σ_s P(s) L(s),     P(s) = Π_i p(v_i)^s_i (1 - p(v_i))^(1 - s_i),
#
# a smooth function of the weights. Numbers ξ below and above all probabilities force a pattern.

FIRE, SILENT = -1.0, 2.0
PATTERNS = np.where(np.arange(2**SITES)[:, None] >> np.arange(SITES) & 1, FIRE, SILENT)


def chance_of_error(weights):
    """Return the expected loss, averaged over the four inputs."""
    every_pattern = jax.vmap(partial(trial, weights), in_axes=(None, None, 0))
    loss, v = jax.vmap(every_pattern, in_axes=(0, 0, None))(X, Z, PATTERNS)
    chance = jnp.where(PATTERNS == FIRE, p(v), p(-v))  # 1 - p(v) has no digits where p rounds to 1
    return jnp.sum(jnp.prod(chance, axis=2) * loss) / len(X)


exact = jax.jit(jax.grad(chance_of_error))

# 4. The surrogate gradient
#
# Keep the spike in the forward pass. In the backward pass, pretend that the derivative is
#
#     ds/dv := p'(v),
#
# the slope of the neuron's own noise (a matched surrogate). In a single neuron this is exact,
# because E[s] = p(v). In a network this is an approximation, which can have the wrong sign.


def backpropagation(derivative):
    """Return the gradient of one trial with ds/dv := derivative(v, s), as a function."""
    spike = jax.custom_jvp(sample)  # its derivative is the function that follows

    @spike.defjvp
    def _(primals, tangents):
        s = spike(*primals)
        return s, derivative(primals[0], s) * tangents[0]

    return jax.grad(lambda weights, x, z, xi: trial(weights, x, z, xi, spike)[0])


surrogate = backpropagation(lambda v, s: slope(v))

# 5. Its origin: the smoothed stochastic derivative
#
# Let p change by dp. If p rises, a silent neuron starts to fire with probability dp / (1 - p). If
# p falls, a firing neuron stops with probability -dp / p. Replace the jump of s by its mean:
#
#     from the right: ds = (1 - s) dp / (1 - p),     from the left: ds = s dp / p,
#     straight-through: (1 - p) right + p left = (1 - s) dp + s dp = dp.
#
# All three have the mean dp. The mixture is the surrogate gradient, in every single trial.

from_right = lambda v, s: (1 - s) * slope(v) / (1 - p(v))
from_left = lambda v, s: s * slope(v) / p(v)
straight_through = lambda v, s: (1 - p(v)) * from_right(v, s) + p(v) * from_left(v, s)
smoothed = backpropagation(straight_through)

# 6. Two gradients without bias
#
# Stochastic AD does flip each spike i, runs the network again with the same random numbers for the
# other spikes, and takes the finite difference of the losses where the surrogate has a derivative:
#
#     g = Σ_i p'(v_i) D_i ∂v_i/∂w,     D_i = L(s_i := 1) - L(s_i := 0).


def stochastic_ad(weights, x, z, xi):
    """Return the stochastic derivative of one trial, at 1 + 5 forward passes."""
    v, backward = jax.vjp(lambda weights: trial(weights, x, z, xi)[1], weights)  # dL/dv -> dL/dw
    flip = jnp.where(xi < p(v), SILENT, FIRE)
    again = jax.vmap(lambda i: trial(weights, x, z, xi.at[i].set(flip[i]))[0])(np.arange(SITES))
    change = again - trial(weights, x, z, xi)[0]
    return backward(slope(v) * jnp.where(xi < p(v), -change, change))[0]


# The score function (REINFORCE) flips nothing and needs many trials: g = L(s) ∂ log P(s) / ∂w. Then
# D_i becomes L(s) s_i / p(v_i) - L(s) (1 - s_i) / (1 - p(v_i)).


def score_function(weights, x, z, xi):
    """Return the score-function estimate of one trial."""
    v, backward = jax.vjp(lambda weights: trial(weights, x, z, xi)[1], weights)
    score = slope(v) * jnp.where(xi < p(v), 1 / p(v), -1 / (1 - p(v)))
    return backward(trial(weights, x, z, xi)[0] * score)[0]


# 7. Compare means over many trials with the exact gradient

METHODS = {
    "surrogate gradient": (surrogate, 1, "#ebb400", "o"),  # forward passes per trial, and a look
    "stochastic AD": (stochastic_ad, 1 + SITES, "#3d3db0", "D"),
    "score function": (score_function, 1, "#14144f", "X"),
}
flat = lambda tree, *n: np.concatenate([np.reshape(w, (*n, -1)) for w in tree], axis=-1)


@partial(jax.jit, static_argnums=0)
def gradients(method, weights, xi):
    """Return the gradient of each trial with noise xi; the four inputs take turns."""
    turn = np.arange(len(xi)) % 4
    return jax.vmap(partial(method, weights))(X[turn], Z[turn], xi)


# 8. Train with two of them, each update at the price of 24 forward passes


@partial(jax.jit, static_argnums=0)
def train(method, weights, xi, rate=2.0):
    """Return the chance of error after each update, whose trials have the noise xi[update]."""

    def update(weights, xi):
        g = gradients(method, weights, xi)
        weights = jax.tree.map(lambda w, g: w - rate * g.mean(axis=0), weights, g)
        return weights, chance_of_error(weights)

    return jax.lax.scan(update, weights, xi)[1]


if __name__ == "__main__":
    # The surrogate has wrong signs in three of the networks of seeds 0 to 19; seed 10 is picked.
    rng, norm = np.random.default_rng(10), np.linalg.norm
    weights, xi = [rng.normal(size=(2, 4)), rng.normal(size=(4, 1))], rng.random((2**16, SITES))
    starts, g = [rng.normal(size=(32, *w.shape)) for w in weights], flat(exact(weights))
    figure, (bars, curves) = plt.subplots(1, 2, figsize=(7.5, 3), layout="constrained")
    bars.bar(np.argsort(np.argsort(g)), g, color="0.8", label="exact gradient")
    print(f"{'':18} {'cosine':>7} {'length':>7} {'wrong signs':>12} {'spread':>7} {'passes':>7}")
    for name, (method, passes, color, mark) in METHODS.items():
        samples = flat(gradients(method, weights, xi), len(xi))
        mean, spread = samples.mean(axis=0), samples.std(axis=0)
        error = spread / len(xi) ** 0.5
        wrong = np.sum((mean * g < 0) & (abs(mean) > 5 * error))
        row = mean @ g / norm(mean) / norm(g), norm(mean) / norm(g), wrong, norm(spread) / norm(g)
        print("{:18} {:7.3f} {:7.2f} {:12d} {:7.1f} {:7d}".format(name, *row, passes))
        bars.errorbar(np.argsort(np.argsort(g)), mean, 2 * error, fmt=mark, color=color, label=name)
    gap = flat(gradients(smoothed, weights, xi)) - flat(gradients(surrogate, weights, xi))
    print("smoothed derivative = surrogate gradient, each trial:", abs(gap).max() < 1e-12)
    for name, (method, passes, color, _) in list(METHODS.items())[:2]:
        noise = rng.random((32, 300, 24 // passes, SITES))
        chance = jax.vmap(partial(train, method))(starts, noise)
        mean, error = chance.mean(axis=0), chance.std(axis=0) / 32**0.5
        print(f"{name}: chance of error {mean[0]:.2f}, trained {mean[-1]:.2f} ± {error[-1]:.2f}")
        curves.plot(mean, color=color, label=name)
    bars.set(xlabel="weight, in order of the derivative", ylabel="derivative of the error")
    curves.set(xlabel="update", ylabel="chance of error, 32 networks", ylim=(0, 0.5))
    bars.legend()
    figure.savefig("one_file.png", dpi=150)
