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
from importlib.util import find_spec as _find_spec

from jaxtyping import install_import_hook as _install_import_hook

if _os.environ.get("SNN_CHECK") == "1":  # before any other module of the package is imported
    if _find_spec("beartype") is None:
        raise ImportError(
            "snn: got SNN_CHECK=1 without beartype, which checks types, expected both. Install it "
            "with `pip install beartype`, or unset SNN_CHECK."
        )
    _install_import_hook("snn", "beartype.beartype")

from snn import coupling as coupling
from snn import escape as escape
from snn import fields as fields
from snn import flips as flips
from snn import losses as losses
from snn import noise as noise
from snn import stats as stats
from snn import surrogate as surrogate
from snn.convolutional import ConvLIFNetwork as ConvLIFNetwork
from snn.estimators.cross_fitted import CrossFitted as CrossFitted
from snn.estimators.disarm import DisARM as DisARM
from snn.estimators.evolution_strategies import EvolutionStrategies as EvolutionStrategies
from snn.estimators.exact_enumeration import ExactEnumeration as ExactEnumeration
from snn.estimators.expected import Expected as Expected
from snn.estimators.finite_differences import FiniteDifferences as FiniteDifferences
from snn.estimators.layered_mean import LayeredMean as LayeredMean
from snn.estimators.mean_field import MeanField as MeanField
from snn.estimators.path_sample_analytic import PathSampleAnalytic as PathSampleAnalytic
from snn.estimators.score_function import LeaveOneOut as LeaveOneOut
from snn.estimators.score_function import ScoreFunction as ScoreFunction
from snn.estimators.smoothed import SmoothedStochasticAD as SmoothedStochasticAD
from snn.estimators.stochastic_ad import StochasticAD as StochasticAD
from snn.estimators.suffix_replays import SuffixReplays as SuffixReplays
from snn.estimators.surrogate import Surrogate as Surrogate
from snn.estimators.transfer_matrix import TransferMatrix as TransferMatrix
from snn.estimators.truncated_replays import TruncatedReplays as TruncatedReplays
from snn.networks import MLP as MLP
from snn.networks import LIFNetwork as LIFNetwork
from snn.neurons import LIF as LIF
from snn.neurons import LeakyReadout as LeakyReadout
from snn.neurons import Neuron as Neuron
from snn.nnx import from_nnx as from_nnx
from snn.program import Program as Program
from snn.program import draw_noise as draw_noise
from snn.selftest import known_fault as _known_fault
from snn.spike_function import SpikeFunction as SpikeFunction
from snn.spike_function import Steps as Steps
from snn.spikes import Spike as Spike
from snn.spikes import detached as detached
from snn.spikes import ignored as ignored
from snn.spikes import mean as mean
from snn.spikes import sample as sample
from snn.spikes import spike as spike
from snn.spikes import threshold as threshold
from snn.spikes import through as through
from snn.types import Estimate as Estimate

if _message := _known_fault():
    _warnings.warn(_message, RuntimeWarning, stacklevel=2)
