"""The recipes' additions, made in a copy of the tree.

An estimator, a surrogate derivative, an escape noise, a neuron, a data set, an experiment and a
figure: the files that each takes by hand. Text that is there already stays, so that the guide may
have been followed.
"""

import re
from pathlib import Path
from textwrap import indent

from tests.tracked import ROOT

RECIPES = sorted((ROOT / "docs/recipes").glob("*.md"))
GUIDE = "\n".join(path.read_text() for path in RECIPES)

PAGE = r"""# `Antithetic`: the score function on pairs of mirrored trials

**Claim.** Unbiased, with two runs of the network.

```math
g = \frac12 [g_{SF}(\xi) + g_{SF}(1 - \xi)]
```

**Derivation.** If $\xi$ is uniform so is $1 - \xi$: both have the mean of the
[score function](score_function.md)'s estimate.
"""

DATA_LINE = '    "toy": type("Toy", (Fixture,), {"TITLE": "toy words"}),\n'
DATA_ROW = "| `toy` | the fixture by another name | `ARGS='data=toy'` |\n"


def add(what: str, root: Path) -> list[str]:
    """Make an addition by its name, and return the files that are other or new."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    ADDITIONS[what](root)
    files = [path for path in root.rglob("*") if path.is_file()]
    return [str(path) for path in files if before.get(path) != path.read_bytes()]


def estimator(root: Path) -> None:
    """The guide's estimator."""
    words = section("An estimator")
    file, test = re.findall(r"```python\n(.*?)```", words, re.DOTALL)  # no others
    line = re.search(r'^    ("antithetic": Entry.*)$', words, re.MULTILINE)[1]
    imported = re.search(r"^    (from .*\n)", words, re.MULTILINE)[1]
    write(root / "snn/estimators/antithetic.py", file)
    write(root / "tests/snn/test_antithetic.py", test)
    write(root / "docs/estimators/antithetic.md", PAGE)
    catalogue = root / "experiments/estimators.py"
    insert(catalogue, "from snn.estimators.base", imported)
    insert(catalogue, "    # Perturbed.\n", f"    {line}\n")


def shape(root: Path) -> None:
    """The guide's surrogate derivative: class, line, row."""
    code, line, row = recipe("A surrogate derivative")
    classes = root / "snn/surrogate.py"
    write(classes, classes.read_text() + "\n\n" + code)
    shapes = root / "snn/shapes.py"
    insert(shapes, "    Gaussian,\n", "    Cusp,\n")
    insert(shapes, '    "Box": Shape(', line)
    insert(root / "docs/surrogate_derivatives.md", "| `Box(width)` |", row.lstrip())


def noise(root: Path) -> None:
    """The guide's escape noise: class, lines of a test and of an experiment, row."""
    code, tested, chosen = recipe("An escape noise")
    insert(root / "snn/escape.py", "@final\n@value_object\nclass Step(", code + "\n\n")
    insert(root / "tests/snn/test_escape.py", '    "step": lambda beta', tested)
    shapes = root / "experiments/single_neuron/escape_noises.py"
    insert(shapes, '    "sigmoid": NoiseShape(', chosen)
    row = "| `Laplace(beta)` | see the code | $\\beta q$ | see the code | $p'/p$ at $-v$ |\n"
    insert(root / "docs/escape_noise.md", "| `Step()` |", row)


def neuron(root: Path) -> None:
    """The guide's neuron by another name."""
    toy = (ROOT / "snn/adaptive_lif.py").read_text().replace("AdaptiveLIF", "ToyLIF")
    write(root / "snn/toy_lif.py", toy)
    table = root / "experiments/neurons.py"
    insert(table, "\nNEURONS", "from snn.toy_lif import ToyLIF\n")
    insert(table, '    "LIF": ', '    "ToyLIF": lambda dt: ToyLIF(snn.LIF(dt=dt)),\n')
    equations = "## Toy neuron\n\n`ToyLIF` has the equations of the adaptive one.\n\n"
    insert(root / "docs/neurons.md", "## Fluctuation-driven weights\n", equations)


def data_set(root: Path) -> None:
    """The fixture by another name: entry, configuration, row."""
    insert(root / "experiments/datasets/catalogue.py", '    "fixture": Fixture,', DATA_LINE)
    write(root / "configs/data/toy.yaml", "name: toy\n")
    insert(root / "docs/data.md", "| `speech` | [synthetic speech]", DATA_ROW)


def experiment(root: Path) -> None:
    """The guide's experiment, and its test."""
    steps("An experiment", root)


def figure(root: Path) -> None:
    """The guide's figure, which draws the experiment."""
    steps("A figure", root)
    (smaller,) = re.findall(r"^```yaml\n(.*\n.*PRESET=smoke\n.*\n.*\n)", section("A figure"), re.M)
    for preset in ("smoke", "quick"):
        write(root / f"configs/figure/fig20/{preset}.yaml", smaller.replace("smoke", preset))


ADDITIONS = {
    each.__name__: each for each in (estimator, shape, noise, neuron, data_set, experiment, figure)
}
"""By name; each is made in a copy of the repository."""


def section(heading: str) -> str:
    """Return a section of the guide."""
    return GUIDE.split(f"\n## {heading}")[1].split("\n## ")[0]


def steps(heading: str, root: Path) -> None:
    """Write each block of a section into the file that its step names."""
    block = r"^\*\*\d\. [^`]*`([\w/.]+)`.*?^```\w+\n(.*?)^```"
    files = dict(re.findall(block, section(heading), re.DOTALL | re.MULTILINE))
    for path, text in files.items():
        if text.startswith("Claim("):
            insert(root / path, "\n)\n", "\n" + indent(text.rstrip() + ",", 4 * " "))
        else:
            write(root / path, text)


def recipe(heading: str) -> list[str]:
    """Return a section's block of code, and its two indented lines."""
    text = section(heading)
    code = re.search(r"^```py\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    prose = text.replace(code[0], "")
    lines = re.findall(r"^    \S.*\n", prose, re.MULTILINE)
    assert len(lines) == 2, lines
    return [code[1], *lines]


def write(path: Path, text: str) -> None:
    """Write a file of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def insert(path: Path, before: str, text: str) -> None:
    """Write a text before the only place of another, unless it is there."""
    source = path.read_text()
    if text in source:
        return
    assert source.count(before) == 1, f"{path.name}: {before!r} is where additions begin"
    path.write_text(source.replace(before, text + before))
