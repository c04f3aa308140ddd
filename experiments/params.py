"""List a figure's parameters."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from experiments.engine.config import Project, Run, plan, shared
from experiments.engine.errors import run_command
from experiments.engine.experiment import Frozen
from experiments.engine.refusals import described
from experiments.tables import aligned, wrap
from figures.captions import caption

WIDTH = 100
LONG = 60
"""Characters; longer lists of choices are printed below their table."""
NAME, *REST = 22, 18, 11, 18
"""Widths of columns; the last gets what they leave of a line."""


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Print name, value, unit, range and meaning of every parameter, panel by panel."""
    parser = argparse.ArgumentParser("python -m experiments.params", description=__doc__)
    parser.add_argument("overrides", nargs="*", help="figure=fig4/quick [key=value ...]")
    print(listed(project or Project(), parser.parse_args(arguments).overrides))


def listed(project: Project, overrides: Sequence[str]) -> str:
    """Return tables of a run's parameters: one for each panel, and a last one for the run."""
    run = plan(project, overrides)
    words = caption(run.figure, project.place(run.figure).captions)
    letters = {panel: drawn for drawn, panels in words.panels.items() for panel in panels}
    listed_kinds: dict[type, tuple[str, list[list[str]]]] = {}
    lines = []
    for name, experiment in run.panels.items():
        place = f"panels.{name}"
        drawn = f"drawn in {letters[name]}" if name in letters else ""
        lines += wrap(f"{place}   {drawn or 'not drawn'}", WIDTH)
        rows, kind = list(parameters(experiment, "")), type(experiment)
        like, others = listed_kinds.setdefault(kind, (place, rows))
        if like == place:
            description = (kind.__doc__ or "").strip().splitlines()[0]
            lines += [*wrap(f"{description} ({kind.__module__})", WIDTH), ""]
        else:
            rows = [row for row, other in zip(rows, others, strict=True) if row != other]
            lines += [f"as {like}" + (", but for\n" if rows else "")]
        lines += [_shown(rows, run.preset), ""] if rows else [""]
    lines += ["of the run\n", _shown(list(_of_run(run)), run.preset, 27), ""]
    lines.append(
        "all.NAME=... sets a parameter in every panel that has it, panels.PANEL.NAME=... in one"
    )
    return "\n".join(lines)


def _shown(rows: Sequence[Sequence[str]], preset: str, name: int = NAME) -> str:
    """Return a table of parameters, with long lists of choices below the table."""
    header = ["parameter", f"value ({preset})", "unit", "allowed", "meaning"]
    below, cells = [], []
    for row in rows:
        if len(row[3]) > LONG:
            below += ["", *wrap(f"{row[0]}: {row[3]}", WIDTH)]
            row = [*row[:3], "names below", row[4]]
        cells.append(row)
    *columns, _ = zip(header, *cells, strict=True)
    words = [[word for text in column for word in text.split()] for column in columns]
    widths = [max(n, *map(len, column)) for n, column in zip([name, *REST], words, strict=True)]
    longest = [max(map(len, column)) for column in columns]
    used = sum(map(min, widths, longest)) + 2 * len(columns)
    return "\n".join([aligned(header, cells, [*widths, WIDTH - used]), *below])


def _of_run(run: Run) -> Iterator[list[str]]:
    """Parameters outside the experiments; seeds only if an experiment has randomness."""
    used = {name for experiment in run.panels.values() for name in type(experiment).model_fields}
    for row in parameters(run.settings, ""):
        if row[0] != "seeds" or "seeds" in used:
            yield row


def parameters(node: Frozen, path: str) -> Iterator[list[str]]:
    """Yield a row for each parameter of a model and of nested models."""
    schemas = type(node).model_json_schema()["properties"]
    for name, field in type(node).model_fields.items():
        key, value = f"{path}.{name}".lstrip("."), getattr(node, name)
        if isinstance(value, Frozen):
            yield from parameters(value, key)
            continue
        kind, limits = described(schemas[name])
        unit = schemas[name].get("unit", "")
        meaning = field.description or ""
        meaning += f"; in all panels: {place}" if (place := shared(field)) else ""
        yield [key, _text(value), unit, limits or kind, meaning]


def _text(value: Any) -> str:
    text = str(value).replace("'", "")
    # The preset's file has the whole list.
    return text if len(text) < 120 else f"{text[:100].rpartition(',')[0]}, ...]"


if __name__ == "__main__":
    run_command(main)
