"""Make one line of code wrong after the other: a test must notice.

Each row of mutations.toml is a file, a text in it, another text in its place, and the tests that
must then fail. They run in a copy of the working tree, where they must pass without any change.
"""

import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.torture.additions import copied
from tests.torture.runs import BARE, LIMIT_S

FAILED, PASSED = 1, 0
"""Pytest's exit statuses; any other says that tests were not run."""
ROWS = tomllib.loads(Path(__file__).with_name("mutations.toml").read_text())["mutation"]


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    copy = tmp_path_factory.mktemp("tree")
    copied(copy)
    return copy


def status(tree, tests):
    """Return pytest's exit status; tests that never end have failed."""
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    # Byte code of a change within a second, of the same length, would be taken for the old one.
    environment = BARE | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [*words, *shlex.split(tests)],
            cwd=tree,
            env=environment,
            capture_output=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return FAILED
    return done.returncode


unchanged = cache(status)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['file']}: {row['what']}" for row in ROWS])
def test_mutations(row, tree):
    assert unchanged(tree, row["tests"]) == PASSED, "its tests fail without it"
    path = tree / row["file"]
    text = path.read_text()
    assert text.count(row["old"]) == 1
    path.write_text(text.replace(row["old"], row["new"]))
    try:
        assert status(tree, row["tests"]) == FAILED, "it survives"
    finally:
        path.write_text(text)
