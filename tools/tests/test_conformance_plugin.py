"""The conformance kit in another library's tests: the pytest plugin, and the command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LIBRARY = """
import jax, jax.numpy as jnp

def superspike(beta=10.0):
    @jax.custom_jvp
    def spike(v):
        return (v > 0).astype(v.dtype)
    spike.defjvp(lambda p, t: (spike(*p), t[0] / (1 + beta * jnp.abs(p[0])) ** 2))
    return spike

def normalised():
    @jax.custom_jvp
    def spike(v):
        return (v > 0).astype(v.dtype)
    spike.defjvp(lambda p, t: (spike(*p), t[0] / (1 + 10 * jnp.abs(p[0])) ** 2 / p[0].size))
    return spike

def helper(x):
    return x + 1
"""


def test_a_library_is_collected_checked_and_reported(tmp_path):
    """In one process of its own: the plugin by name, then the command."""
    (tmp_path / "mylib.py").write_text(LIBRARY)
    code = (
        "import sys, pytest; sys.path[:0] = [sys.argv[1], sys.argv[2]]\n"
        "args = ['-p', 'snn_tools.pytest_plugin', '-q', '--spike-functions', 'mylib']\n"
        "args += ['-k', 'batch or threshold']\n"
        "args += ['-p', 'no:cacheprovider', '--rootdir', sys.argv[1], '-W', 'error']\n"
        "status = pytest.main(args)\n"
        "from snn_tools.conformance.collect import collect\n"
        "found, left_out = collect('mylib')\n"
        "print('found', [f.call for f in found], list(left_out), int(status))\n"
        "try: pytest.main([*args[:3], '--spike-functions', 'no_such_library'])\n"
        "except SystemExit: pass\n"
        "from snn_tools.conformance.__main__ import main\n"
        "try: main(['json'])\n"
        "except SystemExit as end: print('exit', end.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        # By name alone: where this package is installed, pytest would load the plugin by itself.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    shown = done.stdout + done.stderr
    assert "1 failed, 3 passed" in shown, shown
    assert "depends on the rest of the batch" in shown
    assert "jax.value_and_grad(mylib.normalised())" in shown
    assert "found ['mylib.superspike()', 'mylib.normalised()'] ['helper'] 1" in shown
    assert "--spike-functions no_such_library: No module named 'no_such_library'" in shown
    assert "json: got no spike function among" in shown and "exit 2" in shown


WITHOUT_JAX = (
    "conformance.results",  # libraries are audited where there is no JAX
    "rosetta",
    "shared.rules",
    "shared.command",
)


@pytest.mark.parametrize(
    "modules, left_alone",
    [
        (["pytest_plugin"], ("jax", "snn", "numpy")),  # pytest loads it in every run
        (WITHOUT_JAX, ("jax", "jaxlib")),  # of the core, what needs NumPy only
    ],
    ids=["plugin", "others"],
)
def test_importing_a_tool_leaves_jax_alone(modules, left_alone):
    code = "".join(f"import snn_tools.{module}; " for module in modules)
    code += f"import sys; print({{*{left_alone}}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
