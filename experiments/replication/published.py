"""Published numbers beside ours: the table that opens REPLICATION.md, and its verdicts.

A row of published.csv is a published number: its value, its reading or rounding error, how and
where it was obtained, and the names of our numbers. `same_input` names the number of this code with
the published input, and `shipped` that of this repository's own figures. A row without the same
input gives the reason in `no_verdict`.

Figure 6's published picture has no licence and is not part of the repository. A run on this picture
gave published_picture.csv, with a column for each seed. `make published` repeats the run.
"""

import argparse
import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import jax
import numpy as np

from experiments.engine.cache import write_text
from experiments.engine.config import Project, plan
from experiments.engine.errors import run_command
from experiments.engine.experiment import Data, Quantity, exact
from experiments.engine.quantity import brief
from experiments.engine.run import collect
from experiments.replication.goldens import Golden, committed_arrays, not_reproduced
from experiments.replication.relations import interval
from experiments.speech.classification import Classification
from experiments.speech.network import network as speech_network
from experiments.statistics import mean_interval
from experiments.tables import aligned, table

PUBLISHED, BY_SEED = "published.csv", "published_picture.csv"
PICTURE = "oxford.png"
SHA256 = "98d85687852c0a82a826bdd90c46a3cb914e73a523f6fce96e36e6c2928a32a3"
CHANGES = f"all.image={PICTURE}", "all.threshold=0.85"
ON_PICTURE = "picture."
"""Prefix of the numbers of figure 6 on the published picture, in place of "fig6."."""
ORIGINS = {
    "stored plot": "read off stored plots",
    "authors' code": "computed by the authors' code",
    "configuration": "from its configuration",
}
"""Origins of numbers with a verdict, in words."""
HEADER = (
    "figure",
    "number",
    "published",
    "this code, same input",
    "as shipped here",
    "agree?",
    "source",
)


@dataclass(frozen=True)
class Row:
    """A row of published.csv, as text."""

    figure: str
    number: str
    value: str
    error: str
    how: str
    where: str
    same_input: str
    shipped: str
    no_verdict: str

    def verdict(self, known: Mapping[str, Quantity]) -> str:
        """Return whether our interval, widened by the error, contains the number: yes or no."""
        if self.no_verdict:
            return self.no_verdict
        low, high = interval(known[self.same_input])
        value, error = float(self.value), float(self.error)
        return "yes" if low - error <= value <= high + error else "no"

    def cells(self, known: Mapping[str, Quantity]) -> list[str]:
        """Return the cells of the table."""
        names = (self.same_input, self.shipped)
        same, shipped = (_words(known.get(name), not self.no_verdict) for name in names)
        read = self.how in ("stored plot", "quoted")
        published = f"{self.value} ± {self.error}" if read else self.value
        source = ", ".join(filter(None, (self.how, self.where)))
        return [self.figure, self.number, published, same, shipped, self.verdict(known), source]


def _words(quantity: Quantity | None, with_interval: bool) -> str:
    if quantity is None:
        return ""
    if not with_interval:
        return f"{quantity.value:.4g}"
    if quantity.kind == "exact":
        return f"{quantity.value:.{7 if quantity.rtol <= 1e-6 else 5}g}"
    return brief(quantity)


def read(project: Project) -> list[Row]:
    """Read published.csv."""
    with (project.root / PUBLISHED).open() as file:
        return [Row(**row) for row in csv.DictReader(file)]


def numbers(project: Project, *known: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """Return all numbers that the rows name.

    Args:
        project: The project.
        known: Goldens, and numbers of figure 6 on the published picture.
    """
    named = _initial_weights() | {k: v for each in known for k, v in each.items()}
    arrays = cache(partial(committed_arrays, project))
    for name in {row.shipped for row in read(project)} - named.keys() - {""}:
        figure, _, rest = name.partition(".")
        named[name] = of_next_seed(by_seed(arrays(figure), rest))
    return named


def by_seed(panels: Mapping[str, Data], name: str) -> np.ndarray:
    """Return numbers of an array, as "stochastic.l2[:,10]"; "mean" is over the last axis."""
    panel, _, array = name.rstrip("]").partition(".")
    array, _, index = array.partition("[")
    values = panels[panel][array].astype(float)
    if index.endswith("mean"):
        return np.nanmean(values, axis=-1)
    return values[tuple(slice(None) if place == ":" else int(place) for place in index.split(","))]


def of_next_seed(values: np.ndarray) -> Quantity:
    """Return the mean over seeds, with the 95 % interval for one other seed."""
    if not values.ndim:
        return exact(values)
    mean, low, high = map(float, mean_interval(values))
    n = len(values)
    half, se = (high - low) / 2 * (n + 1) ** 0.5, float(values.std(ddof=1)) / n**0.5
    return Quantity(mean, "statistical", se=se, ci_low=mean - half, ci_high=mean + half)


def _initial_weights() -> dict[str, Quantity]:
    """Return the standard deviations of figure 7's initial weights, of 400 networks."""
    config = Classification()
    init, keys = speech_network(config).init, jax.random.split(jax.random.key(0), 400)
    settings = config.input_rate, config.sigma_u, config.feed_forward_share
    with jax.enable_x64(False):  # Other numbers are drawn in double precision.
        drawn = jax.jit(jax.vmap(lambda key: init(key, *settings)))(keys)
    weights = [layer[name] for layer in drawn for name in ("w", "rec") if name in layer]
    return {f"fig7.initial_weights[{i}]": _deviation(w) for i, w in enumerate(weights)}


def _deviation(values: jax.Array) -> Quantity:
    """Return the standard deviation of normal numbers, with its 95 % interval."""
    deviation = float(np.std(values))
    error = deviation / (2 * values.size) ** 0.5
    low, high = deviation - 1.96 * error, deviation + 1.96 * error
    return Quantity(deviation, "statistical", se=error, ci_low=low, ci_high=high)


def on_picture(project: Project) -> dict[str, Quantity]:
    """Return the committed numbers of figure 6 on the published picture."""
    with (project.root / BY_SEED).open() as file:
        return {x[0]: of_next_seed(np.array(x[1:], float)) for x in list(csv.reader(file))[1:]}


def compute(project: Project, with_cache: bool) -> dict[str, np.ndarray]:
    """Compute figure 6 on the published picture; return its numbers, ``(seed,)``."""
    run = plan(project, ["figure=fig6/paper", *CHANGES])
    run = replace(run, panels={mode: run.panels[mode] for mode in ("deterministic", "stochastic")})
    panels, names = collect(project, run, with_cache).arrays, [x.same_input for x in read(project)]
    names = [name for name in names if name.startswith(ON_PICTURE)]
    return {name: by_seed(panels, name.removeprefix(ON_PICTURE)) for name in names}


def show(project: Project, quantities: Mapping[str, Quantity], with_cache: bool) -> list[list[str]]:
    """Print the verdicts; where the published picture is present, figure 6 is computed on it.

    Returns:
        A row for each committed number that was not reproduced.
    """
    measured, file, differences = on_picture(project), project.root / PICTURE, []
    if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == SHA256:
        golden = Golden("", measured, x64=False)
        measured = {k: of_next_seed(x) for k, x in compute(project, with_cache).items()}
        differences = not_reproduced("fig6", golden, measured)
        print(f"figure 6 on the published picture, numbers not reproduced: {len(differences)}")
    else:
        print(f"{PICTURE}, figure 6's published picture, is absent: {BY_SEED} decides its numbers")
    known = numbers(project, quantities, measured)
    cells = [row.cells(known)[:-1] for row in read(project)]
    print(aligned(HEADER[:-1], cells, [6, 44, 14, 28, 28, 10]))
    print(f"\n{summary(project, known)}\n")
    return differences


def summary(project: Project, known: Mapping[str, Quantity]) -> str:
    """Return how many published numbers agree, by origin, and figure 6's control."""
    rows = [row for row in read(project) if row.value]
    compared = [row for row in rows if not row.no_verdict]
    agree = [row.how for row in compared if row.verdict(known) == "yes"]
    by_origin = ", ".join(f"{agree.count(how)} {words}" for how, words in ORIGINS.items())
    on_picture = [row for row in compared if row.same_input.startswith(ON_PICTURE)]
    control = [replace(row, same_input=row.shipped).verdict(known) for row in on_picture]
    return (
        f"{len(agree)} of the {len(compared)} published numbers that can be compared agree with "
        f"this code on the same input ({by_origin}); {len(rows) - len(compared)} others cannot be "
        f"compared. As a control: with another picture {control.count('yes')} of figure 6's "
        f"{len(control)} numbers would agree, too. They are of two trainings, and vary widely over "
        f"seeds."
    )


def section(project: Project, quantities: Mapping[str, Quantity]) -> str:
    """Return the table of the report, with its conclusion first."""
    known = numbers(project, quantities, on_picture(project))
    cells = [row.cells(known) for row in read(project)]
    how = "[How](#how-published-numbers-are-compared)"
    return f"**{summary(project, known)}** {how}\n\n{table(HEADER, cells)}"


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Write the numbers of figure 6 on the published picture, by seed."""
    parser = argparse.ArgumentParser("python -m experiments.replication.published")
    parser.description = main.__doc__
    parser.parse_args(arguments)
    project = project or Project()
    seeds = plan(project, ["figure=fig6/paper"]).settings.seeds
    with_values = compute(project, with_cache=True).items()
    lines = [("quantity", *seeds), *((f'"{k}"', *(f"{x:.6g}" for x in v)) for k, v in with_values)]
    text = "\n".join(",".join(map(str, line)) for line in lines)
    write_text(project.root / BY_SEED, text + "\n")


if __name__ == "__main__":
    run_command(main)
