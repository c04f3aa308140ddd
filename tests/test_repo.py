"""The repository's parts match: figures, renderers, goldens, pins; and nothing points elsewhere."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePath

import grimp
import pytest

from experiments.engine.compose import Plan, plan
from experiments.engine.estimate import work
from experiments.engine.registry import Project
from experiments.replication import committed
from experiments.replication.claims import CLAIMS
from experiments.replication.page import render
from scripts import times

PROJECT = Project()
ROOT = PROJECT.root
PRESETS = PROJECT.presets()
CHAPTERS = {path.stem: path.parent for path in ROOT.glob("experiments/*/*.py")}
COMPOSED = [f"{figure}/{preset}" for figure, names in PRESETS.items() for preset in names]

# Words of a registry's or an index's address, put together so that this file has none of them.
HOSTS = ["".join(parts) for parts in (("py", "pi.org"), ("python", "hosted"), ("ana", "conda.org"))]


@cache
def composed(choice: str) -> Plan:
    return plan(PROJECT, [f"figure={choice}"])


def tracked(*patterns: str) -> list[Path]:
    """The files of the repository; in a downloaded archive, all that lies there."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--", *patterns], capture_output=True, text=True
    )
    names = done.stdout.splitlines() or matching(lying(ROOT), patterns)
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@cache
def lying(root: Path) -> tuple[str, ...]:
    """Files in a folder, but for what .gitignore names."""
    lines = (ROOT / ".gitignore").read_text().splitlines()
    ignored = ["/.git", *(line.rstrip("/") for line in lines if not line.startswith("#"))]
    found = []
    for folder, below, files in os.walk(root):
        here = Path(folder).relative_to(root)
        paths = [f"/{here / name}" for name in below]
        below[:] = [Path(x).name for x in paths if not any(map(PurePath(x).match, ignored))]
        found += [str(here / name) for name in files]
    return tuple(sorted(found))


def matching(names: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Names that one of the patterns fits, in which a star stands for folders, too."""
    return [name for name in names if any(fnmatch(name, x) for x in patterns or ["*"])]


def test_an_archive_has_the_files_of_the_repository(tmp_path):
    """Without git, too, and with what a user has built beside them."""
    names = ("snn/a.py", "snn/estimators/b.py", "docs/site/conf.py", "results.md")
    built = ("results/a.npz", ".venv-2/x.py", "site/index.html", "snn/__pycache__/a.pyc")
    for name in (*names, *built):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert set(lying(tmp_path)) == set(names)
    assert matching(lying(tmp_path), ["snn/*.py"]) == ["snn/a.py", "snn/estimators/b.py"]
    assert not set(map(str, tracked())) - {str(ROOT / name) for name in lying(ROOT)}


def imported(path: Path) -> set[str]:
    """Top-level names of the packages that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    return names


WITH_A_FIGURE = {
    "configs/figure/{}/paper.yaml": "write the preset: which experiments are its panels",
    "figures/{}.py": "write the renderer, render(data) -> Figure",
    "figures/captions/{}.md": "write the caption: a heading, and a paragraph for each panel",
    "figures/reference/{}.npz": "make figure-N PRESET=paper, then make references ARGS={}",
    "figures/gallery/{}.png": "make gallery ARGS={}",
    "tests/goldens/{}.json": "make goldens ARGS={}",
}
"""The files of a figure, and how to get one."""


@pytest.mark.parametrize("figure", PRESETS)
def test_a_figure_has_all_of_its_files(figure):
    missing = [
        f"{path.format(figure)} is missing: {fix.format(figure)}"
        for path, fix in WITH_A_FIGURE.items()
        if not (ROOT / path.format(figure)).is_file()
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("path", WITH_A_FIGURE)
def test_no_file_is_of_a_figure_that_is_not_there(path):
    for file in ROOT.glob(path.format("fig*")):
        # Beside a figure lie its teaser and its supplement.
        figures = {file.parent.name, file.stem.partition("_")[0]}
        assert figures & PRESETS.keys(), f"{file}: there is no configs/figure/figN/paper.yaml"


def test_gallery_and_reference_numbers_stay_small():
    files = [*(ROOT / "figures/gallery").iterdir(), *(ROOT / "figures/reference").iterdir()]
    size = sum(file.stat().st_size for file in files) / len(PRESETS)
    assert size < 8e5, f"{size / 1e3:.0f} kB a figure: draw or keep less of the largest file"


@pytest.mark.parametrize("choice", COMPOSED)
def test_every_preset_composes(choice):
    run = composed(choice)
    assert run.root.panels
    assert run.modified == ()
    experiments = run.root.experiments
    assert all(8 * experiment.held() < 1e9 for experiment in experiments.values())
    # What times of other parameters are estimated from; a preset may have changed since.
    figures = json.loads(times.TIMES.read_text())["figures"]
    measured = figures.get(run.figure, {}).get(run.preset, {})
    amount = work(experiments, {name: len(e.seed_list) for name, e in experiments.items()})
    assert amount / 4 < measured.get("work", amount) < 4 * amount


def test_every_experiment_is_used_by_a_figure():
    files = ROOT.glob("experiments/*/*.py")
    defining = {path.stem for path in files if "    def compute" in path.read_text()}
    unused = defining - {"base"} - set(PROJECT.experiment_names)
    fix = "name them in a preset, as /experiment@panels.PANEL: NAME"
    assert not unused, f"no figure uses {sorted(unused)}: {fix}"


def test_claims_name_golden_or_committed_quantities():
    known = committed.known(PROJECT).keys()
    unknown = {name for claim in CLAIMS for name in claim.value_of} - known
    fix = "let the experiment's summary() return them, then make goldens ARGS=figN"
    assert not unknown, f"claims name {sorted(unknown)}: {fix}"
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)


def test_replication_report_is_not_stale():
    assert (ROOT / "REPLICATION.md").read_text() == render(PROJECT), "make replication"


def test_the_engine_knows_no_chapter():
    graph = grimp.build_graph(PROJECT.experiments, *PROJECT.libraries, cache_dir=None)
    imported = graph.find_upstream_modules(PROJECT.engine, as_package=True)
    assert "experiments.table" in imported
    packages = {
        f"experiments.{path.parent.name}" for path in ROOT.glob("experiments/*/__init__.py")
    }
    inside = {name for name in imported if ".".join(name.split(".")[:2]) in packages}
    assert not inside, f"{PROJECT.engine} imports these, directly or indirectly: it must not"


def test_a_chapter_is_introduced_by_a_docstring_alone():
    for chapter in {CHAPTERS[name] for name in PROJECT.experiment_names}:
        path = chapter / "__init__.py"
        assert path.is_file(), f"{path}: write it, a docstring that says what the chapter is about"
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree) and len(tree.body) == 1, f"{path}: a docstring alone"


def test_importing_experiments_computes_nothing():
    """No array is made, so that platform and precision can be chosen afterwards."""
    code = "from experiments.engine.registry import Project; project = Project()\n"
    code += "for name in project.experiment_names: project.schema(name)"
    # A platform that does not exist: the first array would ask for it.
    environment = {**os.environ, "JAX_PLATFORMS": "nowhere"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def test_a_run_imports_the_experiments_of_its_figure_alone():
    code = "import sys; from experiments.engine.compose import plan\n"
    code += "from experiments.engine.registry import Project; project = Project()\n"
    code += "plan(project, ['figure=fig5/smoke'])\n"
    code += "print(*(x for x in sys.modules if x.split('.')[-1] in project.experiment_names))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    chapter = "experiments.sigmoid_network"
    names = ("loop_integral", "stochastic_loop_integral")
    assert set(done.stdout.split()) == {f"{chapter}.{name}" for name in names}


def test_a_wrong_name_is_refused_before_jax_is_loaded():
    code = "import sys; from experiments.engine.errors import guarded\n"
    code += "from experiments.run import main\n"
    code += "print(guarded(main, ['figure=fig4/qick']), 'jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "2 False\n" and "no preset 'qick'" in done.stderr


def pins(lock: str = "requirements.lock") -> dict[str, set[str]]:
    """The versions in a lock, by normalised name."""
    found: dict[str, set[str]] = {}
    lock = (ROOT / lock).read_text()
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", lock, flags=re.MULTILINE):
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    return found


def required(*extras: str) -> set[str]:
    """Names that pyproject.toml asks for: by the core where the extra is "", and by extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = {"": project["dependencies"]} | project["optional-dependencies"]
    texts = [text for extra in extras for text in lists[extra]]
    return {re.match(r"[A-Za-z0-9-]+", text).group().lower() for text in texts}


def test_the_core_needs_three_packages():
    assert required("") == {"jax", "jaxlib", "jaxtyping", "numpy"}


def test_every_import_of_the_checkout_is_asked_for():
    asked = required("", "figures", "nnx", "optim", "doctor", "torch", "speech", "docs")
    asked |= {"pytest"}  # which loads its plugin itself
    own = {"snn", "snn_tools", "experiments", "figures", "scripts"}
    packages = {"hydra": "hydra-core", "PIL": "pillow", "yaml": "pyyaml"}
    packages |= {"markdown_it": "markdown-it-py"}
    for path in tracked(*(f"{part}/*.py" for part in own)):
        others = imported(path) - own - sys.stdlib_module_names
        assert {packages.get(name, name.replace("_", "-")) for name in others} <= asked, path


def test_hooks_and_workflow_download_no_tools():
    """Hooks run from the environment; the workflow uses the two actions without which none runs."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    used = set(re.findall(r"uses: (\S+)@", workflow))
    assert used == {"actions/checkout", "actions/setup-python"}


def test_the_lock_pins_every_dependency_with_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock and "index-url" not in lock
    extras = re.search(r"^EXTRAS +:= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert required("", *extras[1].split()) <= pins().keys()


def test_make_lock_pins_every_lock_and_the_site_asks_for_its_extra():
    done = subprocess.run(
        ["make", "--dry-run", "lock"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    locks = [str(path.relative_to(ROOT)) for path in tracked("*.lock")]
    assert locks
    for lock in locks:
        assert lock in done.stdout or lock.replace(".lock", ".in") in done.stdout, lock
    asked = (ROOT / "docs/site/requirements.in").read_text()
    names = set(re.findall(r"^([a-z][a-z-]+)", asked, re.MULTILINE))
    assert names == required("docs") <= pins("docs/site/requirements.lock").keys()


def test_conda_installs_the_same_pins_on_the_same_pythons():
    text = (ROOT / "environment.yml").read_text()
    listed = re.findall(r"^\s+- (.+)$", text, flags=re.MULTILINE)
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert listed == ["conda-forge", f"python {requires}", "pip", "pip:", "-r requirements.lock"]


def test_nothing_names_a_registry_host():
    for path in tracked():
        if path.suffix not in (".png", ".pdf", ".npz"):
            text = path.read_text(errors="ignore").lower()
            assert not [host for host in HOSTS if host in text], path


def test_no_figure_number_stands_in_the_makefile():
    lines = (ROOT / "Makefile").read_text().splitlines()
    code = [line for line in lines if "##" not in line and not line.startswith("#")]
    assert not [line for line in code if re.search(r"fig(ure-)?\d", line)]


def test_files_stay_small():
    parts = ("snn", "snn_tools", "experiments", "figures", "scripts")
    for path in tracked(*(f"{part}/*.py" for part in parts)):
        assert len(path.read_text().splitlines()) <= 260, path


def test_make_lists_every_figure():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("figures:"))
    assert set(line.split(":")[1].split("presets")[0].split()) == {n[3:] for n in PRESETS}


def test_make_has_memory_kept_unless_the_user_has_set_something_else():
    kept = (
        "glibc.malloc.arena_max=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184"
    )
    make, show = (
        ["make", "--no-print-directory", "-f", "Makefile", "-f", "-"],
        "figure-x show: ; @echo $$GLIBC_TUNABLES\n",
    )
    bare = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    for target, given, expected in (
        ("figure-x", {}, kept),
        ("figure-x", {"GLIBC_TUNABLES": "a=b"}, "a=b"),
        ("show", {}, ""),
    ):
        done = subprocess.run(
            [*make, target], input=show, cwd=ROOT, env=bare | given, capture_output=True, text=True
        )
        assert done.stdout.strip() == expected
