"""Every public name of the library, found by looking, refuses wrong arguments or answers right.

Each is tried in a process of its own, as a user's is: without the checks of types that tests have.
"""

import json
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from tests.tracked import ROOT


@pytest.fixture(scope="module")
def found():
    """Faults by name."""
    words = [sys.executable, "-m", "tests.snn.wrong_arguments", "15"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(map(json.loads, done.stdout.splitlines()))


def test_wrong_arguments_are_refused_by_name_or_give_the_right_answer(found):
    assert len(found) > 80
    assert {name: faults for name, faults in found.items() if faults and name != "careless"} == {}


def test_what_looks_at_nothing_is_noticed(found):
    words = " ".join(found["careless"])
    assert "v = '': accepted" in words and "dt = '': accepted" in words
    assert "finite numbers from none" in words


def test_what_is_left_out_is_there():
    from tests.snn.public_names import LEFT_OUT

    for name in LEFT_OUT:
        parts = name.split(".")
        if not find_spec(parts[0]):
            continue  # The tools have been taken away.
        within = vars(import_module(".".join(parts[:-1])))
        assert any(one.startswith(parts[-1]) for one in within), name
