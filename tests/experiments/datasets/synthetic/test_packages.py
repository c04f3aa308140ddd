"""The packages that speech needs: pinned, at peace with the other pins, and their licences told."""

import re
import tomllib
from pathlib import Path

from experiments.datasets.synthetic.packages import NEEDED
from scripts.licences import canonical

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "configs" / "figure" / "fig7"
LOCK = (FOLDER / "requirements.lock").read_text()


def pins(text):
    """Version and condition of every pinned package."""
    found = {}
    for name, version, marker in re.findall(r"^([\w.\-]+)==(\S+)(?: ; (.*))? \\$", text, re.M):
        found.setdefault(canonical(name), set()).add((version, marker))
    return found


def test_pins_agree_with_those_of_the_project():
    base, more = pins((ROOT / "requirements.lock").read_text()), pins(LOCK)
    shared = base.keys() & more.keys()
    assert {"numpy", "scipy"} <= shared
    for name in shared:
        assert {version for version, _ in more[name]} <= {version for version, _ in base[name]}
    # Where versions depend on Python's, they do so in the same way.
    assert more["numpy"] == base["numpy"]


def test_lock_has_hashes_and_no_address():
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK and "index-url" not in LOCK


def test_the_extra_the_figure_and_the_generator_ask_for_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    extra = {canonical(name) for name in extras["speech"]}
    lines = (FOLDER / "requirements.in").read_text().splitlines()
    assert {canonical(line) for line in lines if line and not line.startswith("#")} == extra
    base = {canonical(re.match(r"[\w\-]+", text).group()) for text in extras["figures"]}
    assert {canonical(name) for name in NEEDED} <= extra | base
    assert extra <= pins(LOCK).keys()


def test_licences_are_told():
    page = (ROOT / "docs" / "licences.md").read_text()
    alike = re.findall(r"^\| (.+?) \| (`.+`) \|$", page, re.M)
    rows = {name.strip("`"): licence for licence, names in alike for name in names.split(", ")}
    assert pins(LOCK).keys() <= {canonical(name) for name in rows}
    assert rows["espeakng-loader"].startswith("GPL-3") and rows["lauscher"].startswith("LGPL-2.1")
