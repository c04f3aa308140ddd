"""A toy project, copied for each test, so that the machinery is tested without the science."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiments.engine.cache import file_hash, read_result
from experiments.engine.config import Project
from experiments.engine.errors import guarded
from experiments.publish import read
from experiments.run import main

REPOSITORY = Path(__file__).resolve().parents[2]
TOY = Path(__file__).with_name("toy")
# Schemas are imported from the original, whichever copy a test works on.
sys.path.insert(0, str(TOY))


@dataclass
class Toy:
    """The copy of one test.

    Attributes:
        project: What the engine is told of it.
    """

    project: Project

    @property
    def root(self) -> Path:
        return self.project.root

    @property
    def results(self) -> Path:
        return self.root / "results"

    def run(self, *arguments: str) -> int:
        """Run the entry point in this process."""
        return guarded(lambda given: main(given, self.project), list(arguments))

    def spawn(self, *arguments: str, before: str = "", after: str = "") -> subprocess.Popen:
        """Start the entry point in a process of its own, with code around it."""
        code = "\n".join(
            [
                "import sys",
                f"sys.path.insert(0, {str(self.root)!r})",
                before,
                "from pathlib import Path",
                "from experiments.engine.errors import guarded",
                "from experiments.engine.config import Project",
                "from experiments.run import main",
                f"project = Project(Path({str(self.root)!r}), 'toylab', 'toyfigs', ('toylib',))",
                "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)",
                "status = guarded(lambda given: main(given, project), sys.argv[1:])",
                after,
                "sys.exit(status)",
            ]
        )
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def files(self) -> set[str]:
        """Everything that lies in the project, byte code left out."""
        paths = (path.relative_to(self.root) for path in self.root.rglob("*"))
        return {str(path) for path in paths if "__pycache__" not in path.parts}

    def keys(self) -> set[str]:
        """The results in the cache."""
        return {path.stem for path in (self.results / "cache").glob("*.npz")}

    def check_whole(self) -> None:
        """Assert that all that can be taken for a result is one, to the last byte."""
        self.check_cache()
        for folder in self.results.glob("[!c.]*/fig*"):
            record = read(folder)
            assert record is not None, folder
            for name, digest in record.provenance["files"].items():
                assert file_hash(folder / name) == digest, folder / name
            assert (folder / f"{record.figure}.pdf").read_bytes().rstrip().endswith(b"%%EOF")

    def check_cache(self) -> None:
        """Assert that every result in the cache can be read, under its own key."""
        for path in (self.results / "cache").glob("[!.]*.npz"):
            read_result(path)

    def leftovers(self) -> list[Path]:
        """Temporary files and folders."""
        return list(self.results.rglob(".tmp*"))


def copied(source: Path, root: Path) -> Toy:
    shutil.copytree(source, root, ignore=shutil.ignore_patterns("__pycache__", "run.py"))
    return Toy(Project(root, "toylab", "toyfigs", ("toylib",)))


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """A fresh copy of the toy project."""
    return copied(TOY, tmp_path / "toy")


@pytest.fixture(scope="session")
def _ran(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    toy = copied(TOY, tmp_path_factory.mktemp("ran") / "toy")
    assert toy.run("figure=fig7/smoke") == 0
    return toy


@pytest.fixture
def ran(_ran: Toy, tmp_path: Path) -> Toy:
    """A copy of the toy project in which figure=fig7/smoke was run."""
    return copied(_ran.root, tmp_path / "toy")
