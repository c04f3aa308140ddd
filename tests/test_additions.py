"""CONTRIBUTING's additions, made in a copy of the tree: each can be chosen where it says."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
PARTS = ("snn", "snn_tools", "experiments", "figures", "scripts", "configs", "docs")
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()

SHAPE = '''

@value_object
class Laplace(Positive):
    """exp(-beta |v|)."""

    beta: Real = 10.0

    def __call__(self, v: Array, s: Array, escape: EscapeNoise) -> Array:
        """The derivative."""
        return jnp.exp(-self.beta * jnp.abs(v))
'''

CHOOSE = """
import json, runpy
from contextlib import redirect_stdout
from io import StringIO
import jax
import snn
from experiments import run
from experiments.datasets import open_dataset
from experiments.engine.compose import plan
from experiments.engine.registry import Project
from experiments.estimators import ATLAS, BENCH, LAYERS, names_in, estimator, is_unbiased
from experiments.replication import goldens, verify
from beyond.experiments.true_gradient.lif_task import lif_task
from figures.looks import LOOKS
from scripts import captions, gallery, references
from scripts.code import caveat, code
from snn.stats import flatten, relative_error
from snn_tools.conformance.own import SPIKE_FUNCTIONS
from snn_tools.rosetta import convert

def chosen(figure, *given):
    return plan(Project(), [f"figure={figure}/smoke", *given]).root.experiments

task = lif_task(jax.random.key(0), (3, 2), 5, 2.5, neuron="ToyLIF", input_rate=300.0)
exact = snn.ExactEnumeration()(*task).grad
said = StringIO()
with redirect_stdout(said):
    for test in runpy.run_path("tests/experiments/test_spike_rate.py").values():
        callable(test) and test.__name__.startswith("test_") and test()
    for preset in ("smoke", "paper"):
        run.main([f"figure=fig20/{preset}"])
    for command in (references, goldens, gallery):
        command.main(["fig20"])
    captions.main([])
    verify.main(["figure=fig20/smoke"])

print(json.dumps({
    "figure": said.getvalue(),
    "estimator": {
        "compared": [n for n in (LAYERS, ATLAS, BENCH) if "antithetic" in names_in(n)],
        "code": code("antithetic"), "caveat": caveat("antithetic"),
        "label": LOOKS["antithetic"].label, "default": "antithetic" in
        type(chosen("fig3")["estimators"])(seeds=[0]).estimators,
        "alone": chosen("fig8", "panels.depth.estimators=[antithetic]")["depth"].estimators,
    },
    "shape": {
        "fig6": [e.surrogate for e in chosen("fig6", "all.surrogate=Laplace").values()],
        "fig7": chosen("fig7", "panels.stochastic.surrogate=Laplace")["stochastic"].surrogate,
        "fig8": chosen("fig8", "panels.depth.estimators=[surrogate_laplace]")["depth"].estimators,
        "fig9": chosen("fig9", "panels.noise.surrogates=[surrogate_laplace]")["noise"].surrogates,
        "code": code("surrogate_laplace"),
        "kit": [s.name for s in SPIKE_FUNCTIONS if "Laplace" in s.name],
        "rosetta": str(convert("snn.Laplace(10)", to="snn")),
    },
    "neuron": {
        "fig9": {e.neuron for e in chosen("fig9", "all.neuron=ToyLIF").values()} == {"ToyLIF"},
        "off": [
            float(relative_error(snn.Expected(each)(*task).grad, exact))
            for each in (snn.ScoreFunction(), snn.Surrogate())
        ],
    },
    "data": open_dataset("toy", n_train=20).title,
    "data=": plan(Project(), ["figure=fig7/smoke", "data=toy"]).root.data.name,
}))
"""


def insert(path: Path, before: str, text: str) -> None:
    """Write a text before the only place of another."""
    source = path.read_text()
    assert source.count(before) == 1, f"{path.name}: {before!r} is where additions begin"
    path.write_text(source.replace(before, text + before))


def section(heading: str) -> str:
    """Return a section of the guide."""
    return GUIDE.split(f"\n## {heading}")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A copy of the tree with an estimator, a shape, a neuron, a figure and a data set more."""
    root = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__", "fig*.png", "*.npz")
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=ignore)
    # The estimator and its line, from CONTRIBUTING.
    estimator = section("An estimator")
    file = re.search(r"```python\n(.*?)```", estimator, re.DOTALL)[1]
    line = re.search(r'^    ("antithetic": Entry.*)$', estimator, re.MULTILINE)[1]
    (root / "snn/estimators/antithetic.py").write_text(file)
    catalogue = root / "experiments/estimators.py"
    insert(
        catalogue, "from snn.estimators.base", "from snn.estimators.antithetic import Antithetic\n"
    )
    insert(catalogue, "    # Perturbed.\n", f"    {line}\n")
    # The shape.
    with (root / "snn/surrogate.py").open("a") as surrogate:
        surrogate.write(SHAPE)
    shapes = root / "snn/shapes.py"
    insert(shapes, "    Gaussian,\n", "    Laplace,\n")
    row = '    "Laplace": Shape(Laplace, "exponential", 2 * math.log(2), (1.0, 1.0), (1.0, 0.0)),\n'
    insert(shapes, '    "Box": Shape(', row)
    # The neuron.
    neuron = (ROOT / "snn/adaptive_lif.py").read_text().replace("AdaptiveLIF", "ToyLIF")
    (root / "snn/toy_lif.py").write_text(neuron)
    table = root / "beyond/experiments/neurons.py"
    insert(table, "\nNEURONS", "from snn.toy_lif import ToyLIF\n")
    insert(table, '    "LIF": ', '    "ToyLIF": lambda dt: ToyLIF(snn.LIF(dt=dt)),\n')
    # The data set.
    entry = (
        '    "toy": Entry("toy words", _fixture, lambda _: "toy", lambda _: (160, 40), _fixture),\n'
    )
    insert(root / "experiments/datasets/catalogue.py", '    "fixture": Entry(', entry)
    (root / "configs/data/toy.yaml").write_text("name: toy\n")
    # The figure, from CONTRIBUTING.
    for name in ("README.md", "docs/README.md"):
        shutil.copy(ROOT / name, root / name)
    block = r"^\*\*\d\. [^`]*`([\w/.]+)`.*?^```\w+\n(.*?)^```"
    files = dict(re.findall(block, section("A figure"), re.DOTALL | re.MULTILINE))
    assert len(files) == 6
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        if (root / path).is_file():
            insert(root / path, "\n)\n", "\n" + indent(text.rstrip() + ",", 4 * " "))
        else:
            (root / path).write_text(text)
    return root


@pytest.fixture(scope="module")
def added(root):
    """What the copy offers."""
    done = subprocess.run(
        [sys.executable, "-c", CHOOSE], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_estimator_of_four_files_is_compared_and_advised(added):
    assert added["estimator"] == {
        "compared": ["figure 3", "figure 8", "bench"],
        "code": "snn.estimators.antithetic.Antithetic()",
        "caveat": "unbiased",
        "label": "antithetic",
        "default": True,
        "alone": ["antithetic"],
    }


def test_a_shape_of_three_files_can_be_chosen_in_figures_kit_and_rosetta(added):
    shape = added["shape"]
    assert shape.pop("rosetta") == "lambda v: snn.spike(v, snn.surrogate.Laplace(beta=10))"
    assert shape == {
        "fig6": ["Laplace"] * len(shape["fig6"]),
        "fig7": "Laplace",
        "fig8": ["surrogate_laplace"],
        "fig9": ["surrogate_laplace"],
        "code": "snn.Surrogate(snn.surrogate.Laplace(0.3932 * beta))",
        "kit": ["Laplace"],
    }


def test_a_neuron_of_three_files_can_be_chosen_in_figure_9(added):
    assert added["neuron"]["fig9"]
    score_function, surrogate = added["neuron"]["off"]
    assert score_function < 1e-5
    assert surrogate > 0.1


def test_a_data_set_of_three_files_can_be_chosen(added):
    assert added["data"] == "toy words, 20 training utterances"
    assert added["data="] == "toy"


def test_a_figure_of_six_files_is_drawn_decided_and_listed(added, root):
    said = added["figure"]
    assert "fig20/smoke: 2 computed" in said and "fig20/paper: 0 computed" in said
    assert re.search(r"^E90 .* holds ", said, re.MULTILINE), said
    with Image.open(root / "figures/gallery/fig20.png") as picture:
        assert picture.width == 1400
    golden = json.loads((root / "tests/goldens/fig20.json").read_text())
    assert list(golden["quantities"]) == ["rate.share_minus_probability"]
    rooms, page = ((root / "docs" / name).read_text() for name in ("README.md", "figures.md"))
    row = "| 20, beyond the paper | `make figure-20` | share of trials with a spike: its"
    assert page.index("| `make figure-9` |") < page.index(row)
    assert "| [`single_neuron/`](../experiments/single_neuron) | 1, 2, 20 |" in rooms
    assert page.index("\n## Figure 9\n") < page.index("\n## Figure 20\n")
