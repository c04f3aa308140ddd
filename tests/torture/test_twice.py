"""Two set-ups, and two builds of the site, at once in one fresh clone: minutes, and the network."""

import subprocess
import sys

import pytest

from tests.tracked import BARE, ROOT

WHOLE = """
import collections, hashlib, importlib.metadata
from base64 import urlsafe_b64encode
found = list(importlib.metadata.distributions())
for name, n in collections.Counter(one.metadata["Name"].lower() for one in found).items():
    if n > 1:
        print(name, "is there", n, "times")
for file in [file for one in found for file in one.files or [] if file.hash]:
    path = file.locate()
    content = path.read_bytes() if path.is_file() else b""
    digest = urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).decode()
    if digest.rstrip("=") != file.hash.value:
        print(path, "is not what was installed")
"""
"""Prints what an environment lacks of its packages, file by file."""


@pytest.mark.parametrize("target", ["setup", "site"])
def test_two_at_once_in_one_clone(target, tmp_path, request):
    if not request.config.getoption("network"):
        pytest.skip("takes minutes and the network: --network")
    clone, python = tmp_path / "clone", f"PYTHON={sys.executable}"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    if target == "site":
        subprocess.run(["make", "setup", python], cwd=clone, env=BARE, check=True)
    words = ["make", target, python]
    both = [subprocess.Popen(words, cwd=clone, env=BARE) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    checked = [clone / ".venv/bin/python", "-c", WHOLE]
    assert subprocess.run(checked, capture_output=True, text=True, check=True).stdout == ""
