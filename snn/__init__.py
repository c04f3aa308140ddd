"""Gradient estimators for spiking neural networks: one program, many derivatives.

A network is a program of its parameters, its noise and the meaning of a spike. Surrogate
gradients, smoothed and unbiased stochastic automatic differentiation, the score function and exact
oracles run the same program in different ways::

    program = snn.Program(network, x, loss)
    noise = snn.draw_noise(program, params, key, n_trials=1000)
    snn.Surrogate()(program, params, noise, key).grad
    snn.ExactEnumeration()(program, params).grad

Modules with a family of choices: `escape` (escape noises), `surrogate` (surrogate derivatives),
`coupling` and `flips` (of stochastic AD), `losses`, `noise`, `fields`, and `stats`.

With ``SNN_CHECK=1`` in the environment, the types and shapes of every call are checked.
"""

import os as _os
import warnings as _warnings
from typing import TYPE_CHECKING

if _os.environ.get("SNN_CHECK") == "1":  # before any other module of the package is imported
    from importlib.util import find_spec as _find_spec

    from jaxtyping import install_import_hook as _install_import_hook

    if _find_spec("beartype") is None:
        raise ImportError(
            "snn: got SNN_CHECK=1 without beartype, which checks types, expected both. Install it "
            "with `pip install beartype`, or unset SNN_CHECK."
        )
    _install_import_hook("snn", "beartype.beartype")

from snn.selftest import known_fault as _known_fault

if TYPE_CHECKING:
    from snn._names import *  # noqa: F403
else:
    from snn._on_first_use import names_of as _names_of

    # JAX is imported with the first name, not before: `snn.stats.batch_means` works without JAX.
    __getattr__, __dir__ = _names_of("snn", "snn._names")

if _message := _known_fault():
    _warnings.warn(_message, RuntimeWarning, stacklevel=2)
