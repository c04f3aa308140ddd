"""Stochastic triples: forward-mode derivatives of programs with discrete randomness.

A program is an ordinary JAX function of a parameter and a `Draw`, which hands out its random
numbers and is passed on like a random key::

    def program(p, draw):
        n, draw = draw.binomial(10, p)
        return p * n**2, draw

    samples = stochad.derivative(program, 0.3, key, n_samples=1000)  # their mean is dE[p n^2]/dp

`triple` is one run: its value, its infinitesimal change, and one finite alternative with a weight.
For networks of this package, ``program(params, noise, spike)``, the same is `spiking_triple` and
`spiking_derivative`.

Reference: Arya, Schauer, Schäfer, Rackauckas, "Automatic differentiation of programs with
discrete randomness", NeurIPS 2022; tools/docs/stochastic_triples.md (derivation and limits).
"""

from snn_tools.stochad.draw import Draw as Draw
from snn_tools.stochad.programs import StochasticTriple as StochasticTriple
from snn_tools.stochad.programs import derivative as derivative
from snn_tools.stochad.programs import triple as triple
from snn_tools.stochad.spiking import spiking_derivative as spiking_derivative
from snn_tools.stochad.spiking import spiking_triple as spiking_triple
