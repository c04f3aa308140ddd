"""Machinery of runs, in three rooms: declare, configure, compute. No module names an experiment.

A run passes each room once, from the command to the picture:

1. `experiments.run` reads the command line, and `experiments.execute` calls what follows.
2. configure: `compose.plan` lets Hydra compose the parameters. It makes the experiments of the run,
   whose ranges are declared with the tools of the room declare, and checks every value.
3. compute: `collect.collect` reads the results of the plan from the cache, or computes them.
   `publish.publish` writes numbers and record.
4. `figures.drawing.draw`, which `publish` calls, draws pictures from the numbers alone.
"""

import os

# Before JAX is loaded. XLA would warn of each program from the compilation cache, because the
# compiler's hint `prefer-no-gather` is not a feature of this processor. Programs for another
# processor are not found at all (`runtime.processor_digest`).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
