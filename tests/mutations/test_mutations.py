"""Make one line of the science wrong after the other: a test must notice.

Each row of mutations.toml is a file, a text in it, another text in its place, and the tests that
must then fail. `mutants` runs them.
"""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.mutations.mutants import ROOT

PASSED, FAILED = 0, 1
"""Pytest's exit statuses; any other says that tests were not run."""
OURS = ("JAX_", "XLA_", "PYTEST_")
"""Beginnings of variables that tests set for themselves."""
BARE = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
ROWS = [
    row
    for row in tomllib.loads(Path(__file__).with_name("mutations.toml").read_text())["mutation"]
    # Tests without a room have no mutations of it.
    if (ROOT / row["file"]).is_file()
]
PARTS = 2
"""Processes; several workers share them."""


@pytest.mark.parametrize("part", range(PARTS))
def test_mutations(part):
    rows = ROWS[part::PARTS]
    # Without its change, the first row's tests pass.
    control = rows[0] | {"new": rows[0]["old"]}
    command = [sys.executable, "-m", "tests.mutations.mutants", json.dumps([control, *rows])]
    done = subprocess.run(command, cwd=ROOT, env=BARE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    unchanged, *statuses = json.loads(done.stdout)
    assert unchanged == PASSED, f"the tests fail without a change: {control['tests']}"
    named = {f"{row['file']}: {row['what']}": s for row, s in zip(rows, statuses, strict=True)}
    assert not {name: status for name, status in named.items() if status != FAILED}
