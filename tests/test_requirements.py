"""What is installed: locks pin what pyproject.toml asks for, and that is what is imported."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from experiments.datasets.synthetic.corpus import NEEDED
from tests.tracked import ROOT, tracked

SPEECH = "configs/figure/fig7"
SET_UP = ("requirements.lock", "tests/requirements.lock")
"""Locks that `make setup` installs."""


def canonical(name: str) -> str:
    """A package's name in normalised form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path: Path) -> set[str]:
    """Top-level names of the packages that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def pins(lock: str = "requirements.lock") -> dict[str, set[str]]:
    """The versions in a lock, each with its condition, by normalised name."""
    actual: dict[str, set[str]] = {}
    lock = (ROOT / lock).read_text()
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==(.+)", lock, flags=re.MULTILINE):
        actual.setdefault(canonical(name), set()).add(version)
    return actual


def required(*extras: str) -> set[str]:
    """Names that pyproject.toml asks for: by the core where the extra is "", and by extras.

    Extras of the tools count with those of the core, where the tools are.
    """
    files = (ROOT / "pyproject.toml", *ROOT.glob("tools/pyproject.toml"))
    core, *tools = (tomllib.loads(file.read_text())["project"] for file in files)
    lists = {"": core["dependencies"]} | core["optional-dependencies"]
    for project in tools:
        lists |= project["optional-dependencies"]
    texts = [text for extra in extras for text in lists.get(extra, ())]
    return {re.match(r"[A-Za-z0-9-]+", text).group().lower() for text in texts}


def test_the_core_needs_three_packages():
    assert required("") == {"jax", "jaxlib", "jaxtyping", "numpy"}


def test_every_import_of_the_checkout_is_asked_for():
    asked = required("", "figures", "nnx", "optim", "doctor", "torch", "speech", "docs")
    asked |= {"pytest"}  # which loads its plugin itself
    own = {
        "snn",
        "experiments",
        "figures",
        "scripts",
        "explorers",
        "beyond",
        "tools",
        "snn_tools",
        "tests",
    }
    packages = {"hydra": "hydra-core", "PIL": "pillow", "yaml": "pyyaml"}
    for path in (x for part in own for x in tracked(f"{part}/*.py") if "tests" not in x.parts):
        others = imported(path) - own - sys.stdlib_module_names
        assert {packages.get(name, name.replace("_", "-")) for name in others} <= asked, path


def test_locks_have_hashes_and_no_address():
    for path in tracked("*.lock"):
        lock = path.read_text()
        entries = re.split(r"\n(?=\S)", lock.strip())
        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries), path
        assert "://" not in lock and "index-url" not in lock, path


@pytest.mark.parametrize(
    ("name", "kind"), [("requirements.lock", "EXTRAS"), ("tests/requirements.lock", "TOOLS")]
)
def test_the_lock_pins_every_dependency(name, kind):
    extras = re.search(rf"^{kind} +:= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert required("", *extras[1].split()) <= pins(name).keys()


@pytest.mark.parametrize("name", ["tests/requirements.lock", f"{SPEECH}/requirements.lock"])
def test_tests_and_speech_add_to_what_figures_need_and_change_none_of_it(name):
    figures, more = pins(), pins(name)
    assert "numpy" in figures.keys() & more.keys()
    assert all(figures[name] == more[name] for name in figures.keys() & more.keys())
    assert not {"flax", "pyright", "pytest", "ruff"} & figures.keys()


def test_make_lock_pins_every_lock():
    done = subprocess.run(
        ["make", "--dry-run", "lock"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    locks = [str(path.relative_to(ROOT)) for path in tracked("*.lock")]
    assert locks
    for lock in locks:
        assert lock in done.stdout or lock.replace(".lock", ".in") in done.stdout, lock


@pytest.mark.parametrize(("folder", "extra"), [("docs/site", "docs"), (SPEECH, "speech")])
def test_the_site_and_speech_ask_for_their_extras(folder, extra):
    asked = (ROOT / folder / "requirements.in").read_text()
    names = set(re.findall(r"^([a-z][a-z-]+)", asked, re.MULTILINE))
    assert names == required(extra) <= pins(f"{folder}/requirements.lock").keys()


def test_speech_is_generated_by_what_is_asked_for():
    assert {canonical(name) for name in NEEDED} <= required("speech", "figures")


def test_conda_installs_the_same_pins_on_the_same_pythons():
    text = (ROOT / "environment.yml").read_text()
    listed = re.findall(r"^\s+- (.+)$", text, flags=re.MULTILINE)
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    locks = [f"-r {lock}" for lock in SET_UP]
    assert listed == ["conda-forge", f"python {requires}", "pip", "pip:", *locks]
