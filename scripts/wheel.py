"""Build the wheel and the source distribution, and test the wheel in a new environment.

Both are written to dist/. The wheel is installed outside the checkout with its dependencies, in the
versions of requirements.lock. In this environment, the core must compute an exact gradient and
contain its type hints. No package that the core does not need may be installed.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.errors import run_command

ROOT = Path(__file__).parents[1]

CHECK = """
import importlib.metadata
import importlib.util
from importlib.resources import files

import jax.numpy as jnp

import snn

unneeded = ("flax", "optax", "h5py", "hydra", "matplotlib", "experiments", "figures")
assert not [name for name in unneeded if importlib.util.find_spec(name)]
assert (files("snn") / "py.typed").is_file()
# One neuron, P(spike) = 1/2: the loss is the spike, its gradient the slope of the escape noise.
network = snn.MLP((1, 1), escape=snn.escape.Sigmoid(4.0))
program = snn.Program(network, jnp.ones(1), snn.losses.Linear())
params = [{"w": jnp.ones((1, 1)), "b": -jnp.ones(1)}]
gradient = snn.ExactEnumeration()(program, params).grad
assert abs(float(gradient[0]["w"][0, 0]) - 1.0) < 1e-6, gradient
print("the wheel works with", *sorted(d.name for d in importlib.metadata.distributions()))
"""


def main(arguments: Sequence[str]) -> int:
    """Return the exit status of the check."""
    argparse.ArgumentParser("python -m scripts.wheel", description=__doc__).parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Build from the source distribution: an old build folder may contain deleted modules.
        build = [sys.executable, "-m", "uv", "build", "--quiet", "--no-build-isolation"]
        try:
            subprocess.run([*build, "--out-dir", str(folder / "dist"), str(ROOT)], check=True)
        finally:  # setuptools does not remove this folder
            shutil.rmtree(ROOT / "snn_surrogate.egg-info", ignore_errors=True)
        shutil.copytree(folder / "dist", ROOT / "dist", dirs_exist_ok=True)
        (wheel,) = (folder / "dist").glob("*.whl")
        environment = folder / "environment"
        venv.create(environment)
        python = environment / "bin" / "python"
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
        constraint = ["--constraint", str(ROOT / "requirements.lock")]
        subprocess.run([*install, *constraint, str(wheel)], check=True)
        # -I: neither the current folder nor PYTHONPATH may lead to the checkout.
        done = subprocess.run([python, "-I", "-c", CHECK], cwd=folder)
    return done.returncode


if __name__ == "__main__":
    run_command(main)
