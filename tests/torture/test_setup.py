"""Set-up works wherever the checkout lies."""

import os
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.tracked import ROOT

USED = ("Makefile", "pyproject.toml", "README.md", "LICENSE", "scripts")
PLACE = (
    "import snn, importlib.metadata as m; print(ascii(snn.__file__), m.version('snn-surrogate'))"
)


@pytest.fixture
def bare():
    """The environment of set-up: setuptools and pip come from here, nothing is downloaded."""
    # Not that of the `make test` around it, either.
    others = ("LANG", "PYTHONUTF8", "MAKELEVEL", "MFLAGS", "MAKEFLAGS", "VENV")
    bare = {name: value for name, value in os.environ.items() if name not in others}
    return bare | {"PYTHONPATH": str(Path(find_spec("pip").origin).parents[1]), "LC_ALL": "C.UTF-8"}


def checkout(folder: Path) -> Path:
    """Copy what set-up uses, with a package of one empty file, and none to install."""
    (folder / "snn").mkdir(parents=True)
    for name in USED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / "snn" / "__init__.py").touch()
    (folder / "requirements.lock").touch()
    return folder


def make(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["make", ".venv/.installed", f"PYTHON={sys.executable}"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_set_up_works_in_a_path_with_any_letter(tmp_path, bare):
    folder = checkout(tmp_path / 'Zoë\'s "snn", 2')
    venv.create(folder / ".venv", with_pip=False)
    done = make(folder, bare)
    assert done.returncode == 0, done.stderr
    del bare["PYTHONPATH"]
    actual = subprocess.run(
        [folder / ".venv" / "bin" / "python", "-W", "error", "-c", PLACE],
        cwd=tmp_path,
        env=bare,
        capture_output=True,
        text=True,
    )
    place = ascii(str(folder / "snn" / "__init__.py"))
    assert actual.stdout.startswith(f"{place} 0."), actual.stderr
