"""Make one line of the science wrong after the other: a test must notice.

Each row of a table is a file, a text in it, another text in its place, and the tests that must then
fail. science.toml has numbers, keys and verdicts. machinery.toml has the rest, for `make torture`.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.tracked import BARE, ROOT, copied

PASSED, FAILED = 0, 1
"""Pytest's exit statuses; any other means that tests were not run."""


def survivors(table: str, folder: Path) -> dict[str, int]:
    """Return the mutations of a table that no test notices, with the exit status of their tests.

    Args:
        table: Name of the table, as "science".
        folder: Empty folder for a copy of the repository.
    """
    rows = tomllib.loads(Path(__file__).with_name(f"{table}.toml").read_text())["mutation"]
    # Tests without a room have no mutations of it.
    rows = [row for row in rows if (ROOT / row["file"].partition("/")[0]).is_dir()]
    # Without its change, the first row's tests pass.
    control = rows[0] | {"new": rows[0]["old"]}
    copied(folder)
    command = [sys.executable, "-m", "tests.mutations.mutants", json.dumps([control, *rows])]
    done = subprocess.run(command, cwd=folder, env=BARE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    unchanged, *statuses = json.loads(done.stdout)
    assert unchanged == PASSED, f"the tests fail without a change: {control['tests']}"
    named = {f"{row['file']}: {row['what']}": s for row, s in zip(rows, statuses, strict=True)}
    return {name: status for name, status in named.items() if status != FAILED}


def test_science(tmp_path):
    assert not survivors("science", tmp_path)
