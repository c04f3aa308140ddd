"""SNN_CHECK=1 holds every call of the library against its annotations, shapes included."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
USE = """
import jax.numpy as jnp, snn
assert snn.stats.fano_per_bin(jnp.ones((2, 3, 1))) == 0
"""
# One axis too few: without the check, a number.
WRONG = "print(snn.stats.fano_per_bin(jnp.ones((2, 3))))"
WITHOUT = "import sys; sys.modules['beartype'] = None"


def said(code, check):
    environment = {**os.environ, "SNN_CHECK": check}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_with_it_a_right_call_passes_and_a_wrong_shape_does_not():
    answer = said(f"{USE}print('passed')\n{WRONG}", "1")
    assert answer.startswith("passed\n") and "parameter 'spikes'" in answer


def test_without_it_nothing_is_checked_and_beartype_not_needed():
    assert said(f"{WITHOUT}{USE}{WRONG}", "0") == "0.0\n"


def test_without_beartype_it_says_what_to_install():
    answer = said(f"{WITHOUT}; import snn", "1")
    assert "ImportError: snn: got SNN_CHECK=1 without beartype" in answer
