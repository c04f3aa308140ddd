"""Statistics of batch means work where JAX is not installed."""

import subprocess
import sys

CODE = """
import sys
for name in ("jax", "jaxlib", "jaxtyping"):
    sys.modules[name] = None
import importlib.metadata as m
own = m.version
def version(name):
    if name == "jaxlib":
        raise m.PackageNotFoundError(name)
    return own(name)
m.version = version
import numpy as np
from snn.stats import batch_means
rng = np.random.default_rng(0)
g, h = 1 + 0.1 * rng.normal(size=(2, 8, 5))
print(batch_means.alignment(g, h).cosine)
import snn
snn.MLP
"""


def test_batch_means_need_numpy_only():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert 0.9 < float(run.stdout) < 1.1
    assert "ModuleNotFoundError: import of jax" in run.stderr
