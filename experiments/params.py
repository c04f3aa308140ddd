"""Lists a figure's parameters: python -m experiments.params figure=fig4/quick [overrides]."""

import dataclasses
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, get_type_hints

from experiments.engine.errors import run_command
from experiments.engine.registry import Project


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Prints name, value, unit, range and meaning of every parameter."""
    from experiments.engine.compose import plan
    from experiments.table import table

    run = plan(project or Project(), arguments)
    for panel, experiment in run.root.experiments.items():
        description = (type(experiment).__doc__ or "").strip().splitlines()[0]
        drawn = "" if panel in run.root.panels else "check, not drawn: "
        print(f"{panel}: {drawn}{description} ({type(experiment).__module__})")
    rows = list(parameters(run.root, ""))
    header = ["parameter", f"value ({run.preset})", "unit", "allowed", "meaning"]
    print("\n" + table(header, rows, [44, 24, 14, 24, 50]))
    return 0


def parameters(node: Any, path: str) -> Iterator[list[str]]:
    """One row for each parameter of a config and of those nested in it."""
    for item in dataclasses.fields(node):
        name, value = f"{path}.{item.name}".lstrip("."), getattr(node, item.name)
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from parameters(inner, f"{name}.{key}")
        elif dataclasses.is_dataclass(value):
            yield from parameters(value, name)
        else:
            hint = get_type_hints(type(node))[item.name]
            metadata = item.metadata
            yield [
                name,
                _text(value),
                metadata.get("unit", ""),
                _allowed(hint, metadata),
                _help(metadata),
            ]


def _text(value: Any) -> str:
    return value.name if isinstance(value, Enum) else str(value)


def _help(metadata: Any) -> str:
    return metadata.get("help", "")


def _allowed(hint: Any, metadata: Any) -> str:
    from experiments.engine.translate import type_name

    bounds = metadata.get("bounds")
    limited = bounds is not None and (bounds.choices is not None or bounds.limits)
    return str(bounds) if limited else type_name(hint)


if __name__ == "__main__":
    run_command(main)
