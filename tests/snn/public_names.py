"""Every public name of the library that can be called, right arguments for it, and exceptions."""

import inspect
import pkgutil
from importlib import import_module
from importlib.util import find_spec

import jax
import jax.numpy as jnp
import numpy as np

import snn
from snn.estimators.base import Estimator, Oracle

LEFT_OUT = {
    "snn.arguments": "the checks themselves",
    "snn.connections.same_convolution": "a part of `ConvLIFNetwork`",
    "snn.deprecated": "former names",
    "snn.draws": "what the library draws its own arrays with",
    "snn.estimators.base": "what estimators are made of; their calls are below",
    "snn.estimators.disarm.half_slope_over_rarer": "of a trace",
    "snn.estimators.disarm.Mirrored": "made by an estimator",
    "snn.estimators.exact_enumeration.pattern_probability": "of a run",
    "snn.estimators.path_sample_analytic.effect_of_flips": "a part of an estimator",
    "snn.estimators.path_sample_analytic.loss_differences": "a part of an estimator",
    "snn.noise.all_states": "takes a number",
    "snn.program.run_fixed": "a trial, to be traced",
    "snn.estimators.transfer_matrix.transitions": "a part of an estimator",
    "snn.flips": "parts of estimators, whose sites a program makes",
    "snn.networks.check": "checks themselves",
    "snn.neurons.check": "checks themselves",
    "snn.escape.check": "checks themselves",
    "snn.escape.Positive": "has no argument",
    "snn.nnx": "takes modules of flax: test_spike_function.py",
    "snn.noise.Override": "made by estimators, one for each replay",
    "snn.noise.OffsetNoise": "made by estimators, one for each block",
    "snn.noise.n_sites": "of shapes",
    "snn.noise.all_patterns": "of shapes",
    "snn.program.n_arguments": "of any function",
    "snn.quadrature": "a part of `line_integral`",
    "snn.selftest": "takes no data",
    "snn.spike_function.Recorded": "made by snn.Program",
    "snn.spike_function.Recorder": "made by snn.SpikeFunction",
    "snn.spike_function.Steps": "a state of any kind",
    "snn.stats.batch_means.squared_covariance": "a part of `alignment`",
    "snn_tools.stochad.draw": "made by `triple`",
    "snn_tools.stochad.distributions.Ordered": "of functions; made four times, as BERNOULLI",
    "snn_tools.stochad.programs.StochasticTriple": "what `triple` returns",
    "snn.surrogate.require_escape": "asks for an escape noise",
    "snn.value_object": "makes classes",
    "snn.estimators.block_replays": "what two estimators share",
    "snn.estimators.smoothed.CouplingDerivative": "made by an estimator",
    "snn.spikes.record_derivatives": "takes no argument",
}
"""Modules and names that are not called here, each with the reason."""
ORACLES, OPTIONAL = Oracle.__subclasses__(), ("noise", "key")
HIDDEN = {
    "spike.v": "a potential that is no number is below every threshold; its derivative is NaN",
    "threshold.v": "as `spike`",
    "sample.v": "as `spike`",
    "FIXED.v": "as `spike`",
    "sample.xi": "a uniform number that is none is below no probability",
    "FIXED.xi": "as `sample`",
    "mean.xi": "is not looked at",
    "threshold.xi": "is not looked at",
    "draw_noise.params": "shapes alone matter",
    "site_shapes.params": "shapes alone matter",
    "smorms3.epsilon": "used later",
    "smorms3.learning_rate": "used later",
    "spiking_triple.noise": "as `sample`",
    "z_score.estimate": "what is not known agrees with nothing: its z-score is infinite",
}
"""Where NaN may come to nothing, each with the reason."""
UNSEEN = {
    **{f"{name}().key": "is not looked at" for name in ("Surrogate", "ScoreFunction")},
    **{f"{one.__name__}().{name}": "oracles take none" for one in ORACLES for name in OPTIONAL},
    **{f"gradient_field.{name}": "used later" for name in ("estimator", "program", "noise", "key")},
    "draw_noise.params": "shapes alone matter",
    "site_shapes.params": "shapes alone matter",
    "flatten.tree": "nothing has no numbers",
    "line_integral.max_intervals": "looked at where the first intervals are too few",
    "smorms3.epsilon": "used later",
    "smorms3.learning_rate": "used later",
    "spike.escape": "handed to a derivative that does not ask",
    "threshold.escape": "is not looked at",
    "threshold.xi": "is not looked at",
    "mean.xi": "is not looked at",
    "triple.key": "of a program that draws nothing",
}
"""Where what is wrong is not looked at, each with the reason."""

KEY = jax.random.key(0)
SIGMOID = snn.escape.Sigmoid(2.0)
NETWORK = snn.MLP((2, 1), SIGMOID)
PROGRAM = snn.Program(NETWORK, jnp.array([1.0, 0.5]), snn.losses.Squared(jnp.array([-0.2])))
PARAMS = NETWORK.init(KEY)
NOISE = snn.draw_noise(PROGRAM, PARAMS, KEY, 2)
V, S = jnp.array([-0.5, 0.2, 1.0]), jnp.array([0.0, 1.0, 1.0])
BATCHES = 1 + np.random.default_rng(0).normal(size=(5, 3))
TRAINS = jnp.asarray(np.random.default_rng(0).random((4, 6, 2)) < 0.4, float)
AXES = np.eye(3)
EXAMPLES = {
    "a": V,
    "b": V + 1,
    "base": V,
    "batch_size": 2,
    "batches": BATCHES,
    "coupling": snn.coupling.Right(),
    "curve": snn.fields.segment(AXES[0], AXES[1]),
    "derivative": snn.surrogate.SuperSpike(2.0),
    "direction1": AXES[0],
    "direction2": AXES[1],
    "dt": 1e-3,
    "escape": SIGMOID,
    "estimate": snn.stats.mean_and_se(BATCHES),
    "estimator": snn.Surrogate(),
    "exact": np.ones(3),
    "field": lambda theta: np.asarray(theta) ** 2,
    "interspike_intervals.spikes": TRAINS[0],
    "cv_of_isi.spikes": TRAINS[0],
    "key": KEY,
    "kernel": 2,
    "label": jnp.array(1),
    "learning_rate": 1e-3,
    "limit": 0.5,
    "loss": snn.losses.Linear(),
    "n_samples": 2,
    "n_trials": 2,
    "network": NETWORK,
    "noise": NOISE,
    "noise of a trial": jax.tree.map(lambda xi: xi[0], NOISE),
    "params": PARAMS,
    "program": PROGRAM,
    "derivative.program": lambda theta, draw: (theta**2, draw),
    "triple.program": lambda theta, draw: (theta**2, draw),
    "psp.spikes": TRAINS[0],
    "radius": 1.0,
    "samples": BATCHES,
    "shapes": ((2,),),
    "sizes": (2, 2, 1),
    "spikes": TRAINS,
    "tangent": PARAMS,
    "derivative.tangent": 1.0,
    "triple.tangent": 1.0,
    "target": V,
    "tau_mem": 1e-2,
    "tau_syn": 5e-3,
    "theta": 0.5,
    "curl.theta": V,
    "n_spikes.s": TRAINS,
    "too_many_spikes.s": TRAINS,
    "tree": PARAMS,
    "flatten_trials.tree": {"w": jnp.ones((2, 3)), "b": jnp.ones((2, 1))},
    "true_batches": BATCHES + 0.1,
    "u": V,
    "units": BATCHES,
    "v": V,
    "s": S,
    "values": (V,),
    "weights": np.abs(BATCHES),
    "x": jnp.array([1.0, 0.5]),
    "xi": jnp.array([0.3, 0.6, 0.1]),
    "spiking_triple.noise": jax.tree.map(lambda xi: xi[0], NOISE),
}
"""Right arguments by name, or by function and name."""


def targets():
    """Everything public that can be called, by name: functions, classes, and estimators' calls."""
    modules = list(pkgutil.walk_packages(snn.__path__, "snn."))
    # Beside the core, where the tools are.
    if tools := find_spec("snn_tools.stochad") if find_spec("snn_tools") else None:
        where = tools.submodule_search_locations
        modules += pkgutil.walk_packages(where, "snn_tools.stochad.")
    for module in modules:
        if not module.name.endswith("__main__"):
            for name, built in list(vars(import_module(module.name)).items()):
                where = f"{module.name}.{name}"
                ours = getattr(built, "__module__", "") == module.name and not name.startswith("_")
                if ours and callable(built) and not _is_interface_or_record(built):
                    if not where.startswith(tuple(LEFT_OUT)):
                        yield where, built
                    if isinstance(built, type) and issubclass(built, Estimator):
                        yield f"{where}()", built()


def _is_interface_or_record(made):
    asked = hasattr(made, "_fields"), getattr(made, "_is_protocol", False), inspect.isabstract(made)
    return any(asked)


def right_arguments(function, name):
    """The arguments that are changed, by name, and all that is passed."""
    short = name.rpartition(".")[2]
    actual = {}
    for one in inspect.signature(function).parameters.values():
        chosen = EXAMPLES.get(f"{short}.{one.name}", EXAMPLES.get(one.name, one.default))
        if one.default is not one.empty and not name.endswith("()"):
            chosen = one.default
        assert chosen is not one.empty, f"{name}: EXAMPLES lacks {one.name!r}"
        if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            actual[one.name] = chosen
    return actual
