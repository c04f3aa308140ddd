"""What comparisons compute without JAX is what the core computes."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from snn import stats
from snn.stats import batch_means as core
from snn_tools.shared import batch_means as copy

TOOLS = Path(__file__).parents[1]
COPIED = [
    name
    for name, value in vars(copy).items()
    if inspect.isroutine(value) and value.__module__ == copy.__name__
]


def code(function):
    """A function's statements, without decorators, annotations, docstring and refusals."""
    tree = ast.parse(inspect.getsource(inspect.unwrap(function)))
    definition = tree.body[0]
    definition.decorator_list = []
    if ast.get_docstring(definition):
        del definition.body[0]
    definition.body = [s for s in definition.body if "id='check_real'" not in ast.dump(s)]
    for argument in definition.args.args:
        argument.annotation = None
    return ast.dump(definition)


def test_there_are_functions_to_compare():
    assert {"alignment", "relative_variance", "squared_norm"} <= {*COPIED}


@pytest.mark.parametrize("name", COPIED)
def test_a_function_is_that_of_the_core(name):
    assert code(getattr(copy, name)) == code(getattr(core, name))


def test_constants_are_those_of_the_core():
    assert (copy.KNOWN_SE, copy.FEW_TRIALS) == (core.KNOWN_SE, stats.FEW_TRIALS)


@pytest.mark.parametrize(
    "asked", ["from snn_tools.doctor import examine", "from snn_tools.doctor import compare"]
)
def test_what_needs_jax_says_so(asked):
    without = "import sys; sys.modules.update(jax=None, jaxlib=None, snn=None); "
    words = [sys.executable, "-c", without + asked]
    done = subprocess.run(words, cwd=TOOLS, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].startswith("ImportError: snn_tools.")
    assert "expected JAX and the core. Install both" in done.stderr
