"""Machinery of runs. No module names an experiment.

A run passes the modules from the command to the picture:

1. `experiments.run` reads the command line.
2. `config` lets Hydra compose the parameters, and makes the experiments of the run. Their base, and
   the types with the limits of parameters, are in `experiment`.
3. `run.collect` reads the results from the `cache`, or sets JAX up (`jax_setup`) and computes them.
4. `experiments.publish` draws, and writes numbers, pictures and record.
"""

import os

# XLA would warn of each program from the compilation cache, because the compiler's hint
# `prefer-no-gather` is not a feature of this processor. Programs for another processor are not
# found at all (`jax_setup.processor_digest`). XLA reads the variable when JAX is loaded. JAX sets
# 1, which a process that computes for a notebook inherits; any other value is the user's.
if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "1") == "1":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
