"""The recipes' additions, made in a copy of the tree: each can be chosen where it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.torture import additions
from tests.tracked import ROOT, copied

# The walk leads through every room.
pytestmark = pytest.mark.skipif(
    not all((ROOT / room).is_dir() for room in ("beyond", "tools")), reason="without a room"
)

PAGES = "antithetic or surrogate_derivatives or neurons or data.md or figures.md or README"
EXAMPLES = {
    "estimator": "snn/estimators/antithetic.py",
    "experiment": "experiments/single_neuron/spike_rate.py",
    "figure": "figures/fig20.py",
}
"""The guide's own examples, by the file that shows whether the guide was followed."""
TOUCHED = {
    "tests/snn/test_contracts.py": "final",
    "tests/snn/test_antithetic.py": "test",
    "tests/snn/test_surrogate.py": "Cusp",
    "tests/snn/test_escape.py": "laplace",
    "tools/tests/test_conformance.py": "every_shape",
    "tests/experiments/test_estimators.py": "every_line",
    "tests/experiments/test_spike_rate.py": "test",
    "tests/experiments/test_neuron_catalogue.py": "ToyLIF or page",
    "beyond/tests/test_tables.py": "stale",
    "tests/test_figures.py": "fig20",
    "tests/experiments/test_names_beside_numbers.py": "fig20",
    "tests/test_pictures.py": "fig20",
    "tests/test_looks.py": "catalogue or one_meaning",
    "tests/test_repo.py": "fig20 or current or lists",
    "tests/test_docs.py": f"({PAGES} or every) and not (python_blocks or budget)",
}
"""What the additions touch, by file: which of its tests, by their names."""

CHOOSE = """
import json
from contextlib import redirect_stdout
from io import StringIO
import jax
from experiments import run
from experiments.datasets import open_dataset
from experiments.engine.config import Project, plan
from experiments.replication import goldens, report, verify
from beyond.experiments.lif.lif_task import lif_task
from figures.looks import LOOKS
from scripts import gallery, references
from explorers.code import caveat, code

def chosen(figure, *given):
    return plan(Project(), [f"figure={figure}/smoke", *given]).panels

SHAPE = "surrogate_cusp"
program, _ = lif_task(jax.random.key(0), (3, 2), 5, neuron="ToyLIF")
said = StringIO()
with redirect_stdout(said):
    for preset in ("smoke", "paper"):
        run.main([f"figure=fig20/{preset}"])
    for command in (references, goldens):
        command.main(["fig20"])
    gallery.main(["fig20"])
    report.main([])
    verify.main(["figure=fig20/smoke"])

print(json.dumps({
    "figure": said.getvalue(),
    "estimator": {
        "code": code("antithetic"), "caveat": caveat("antithetic"),
        "label": LOOKS["antithetic"].label,
        "figures": [
            chosen("fig3", "panels.estimators.estimators=[antithetic]")["estimators"].estimators,
            chosen("fig8", "panels.depth.estimators=[antithetic]")["depth"].estimators,
        ],
    },
    "shape": {
        "fig6": [e.surrogate for e in chosen("fig6", "all.surrogate=Cusp").values()],
        "fig7": chosen("fig7", "panels.stochastic.surrogate=Cusp")["stochastic"].surrogate,
        "fig8": chosen("fig8", f"panels.depth.estimators=[{SHAPE}]")["depth"].estimators,
        "fig9": chosen("fig9", f"panels.noise.surrogates=[{SHAPE}]")["noise"].surrogates,
        "code": code(SHAPE),
    },
    "noise": chosen("fig1", "panels.neuron.noise=laplace")["neuron"].noise,
    "neuron": {
        "fig9": {e.neuron for e in chosen("fig9", "all.neuron=ToyLIF").values()} == {"ToyLIF"},
        "task": type(program.network.neuron).__name__,
    },
    "data": open_dataset("toy", n_train=20).title,
    "data=": chosen("fig7", "data=toy")["stochastic"].data,
}))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A copy of the tree with an addition of every kind, and their files."""
    root, made = tmp_path_factory.mktemp("copy"), []
    copied(root)
    walk = {"estimator": 4, "shape": 3, "noise": 4, "neuron": 3, "data_set": 3}
    walk |= {"experiment": 2, "figure": 6}
    for what, most in walk.items():
        files = additions.add(what, root)
        # A contributor who followed the guide's own example has some of these files already.
        example = EXAMPLES.get(what)
        followed = example is not None and (ROOT / example).exists()
        error = f"docs/recipes says that a new {what} takes {most} files, but it took {files}"
        assert followed or len(files) == most, error
        made += files
    return root, made


@pytest.fixture(scope="module")
def root(made):
    """The copy."""
    return made[0]


@pytest.fixture(scope="module")
def added(root):
    """What the copy offers."""
    # Its own tools, not those of the environment.
    environment = {**os.environ, "PYTHONPATH": str(root / "tools")}
    done = subprocess.run(
        [sys.executable, "-c", CHOOSE], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_estimator_of_four_files_can_be_chosen_and_is_advised(added):
    assert added["estimator"] == {
        "code": "snn.estimators.antithetic.Antithetic()",
        "caveat": "unbiased",
        "label": "antithetic",
        "figures": [["antithetic"], ["antithetic"]],
    }


def test_a_shape_of_three_files_can_be_chosen_in_figures(added):
    shape = added["shape"]
    assert shape == {
        "fig6": ["Cusp"] * len(shape["fig6"]),
        "fig7": "Cusp",
        "fig8": ["surrogate_cusp"],
        "fig9": ["surrogate_cusp"],
        "code": "snn.Surrogate(snn.surrogate.Cusp(0.3932 * beta))",
    }


def test_an_escape_noise_of_four_files_can_be_chosen_in_figure_1(added):
    assert added["noise"] == "laplace"


def test_a_neuron_of_three_files_can_be_chosen_in_figure_9(added):
    assert added["neuron"] == {"fig9": True, "task": "ToyLIF"}


def test_a_data_set_of_three_files_can_be_chosen(added):
    assert added["data"] == "toy words, 20 training utterances"
    assert added["data="] == "toy"


def test_a_figure_of_an_experiment_is_drawn_decided_and_listed(added, root):
    words = added["figure"]
    assert "fig20/smoke: 2 computed" in words and "fig20/paper: 0 computed" in words
    assert re.search(r"^E90 .* holds ", words, re.MULTILINE), words
    with Image.open(root / "figures/gallery/fig20.png") as picture:
        assert picture.width == 1400
    golden = json.loads((root / "tests/goldens/fig20.json").read_text())
    assert list(golden["quantities"]) == ["rate.share_minus_probability"]
    page = (root / "docs/figures.md").read_text()
    row = "| 20 | `make figure-20` | share of trials with a spike: its"
    assert page.index("| `make figure-7` |") < page.index(row)
    assert page.index("\n## Figure 7\n") < page.index("\n## Figure 20\n")
    assert "**A stochastic neuron spikes as often as its escape noise says.**" in page


def test_lint_and_the_tests_of_what_was_added_pass_in_the_copy(added, made):
    root, files = made
    code = [file for file in files if file.endswith(".py")]
    chosen = " or ".join(f"({Path(file).stem} and ({tests}))" for file, tests in TOUCHED.items())
    for command in (
        ["ruff", "check", *code],
        ["ruff", "format", "--check", *code],
        ["pytest", "-q", *TOUCHED, "-k", chosen],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=root, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
