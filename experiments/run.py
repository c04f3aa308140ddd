"""Compute and draw a figure: the one entry point.

python -m experiments.run figure=fig4/quick [key=value ...]
python -m experiments.run -m figure=fig4/quick seeds=[1],[2]     one run for each value
python -m experiments.run figure=all/quick [key=value ...]       every figure, several at once

A run with parameters of its own goes to a folder of its own, results/PRESET/figN-..., named by what
was given, or by name=...

All that was asked for is checked before anything is computed or written.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.compute.publish import target
from experiments.engine.configure.compose import expand, of_hydra, plan
from experiments.engine.configure.registry import Project
from experiments.engine.errors import UserError, run_command
from experiments.execute import execute
from experiments.sweep import run_many


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Run what the arguments ask for.

    Args:
        arguments: Hydra overrides, and -m for a multirun.
        project: Where experiments, figures and configs lie; this repository by default.

    Returns:
        The exit status.
    """
    project = project or Project()
    overrides = [text for text in arguments if not text.startswith("-")]
    options = {text for text in arguments if text.startswith("-")}
    if options & {"-h", "--help"}:
        print((__doc__ or "").strip(), "\n\nfigures:", " ".join(project.presets()))
        return 0
    if unknown := options - {"-m", "--multirun"}:
        raise UserError(
            "there is no such option", " ".join(unknown), "-m or --help", "leave it out"
        )
    if not options:
        if settings := [text for text in overrides if of_hydra(text.lstrip("+~"))]:
            what = "a single run has no settings of Hydra's"
            raise UserError(what, settings[0], "-m, for a sweep", "leave it out, or add -m")
        every = [text for text in overrides if text.startswith("figure=all/")]
        if not every:
            run_one(project, overrides)
        for preset in every[-1:]:
            # It loads JAX: what is refused is refused at once.
            from experiments.together import run_all

            rest = [text for text in overrides if text != preset]
            run_all(project, preset.partition("/")[2], rest)
        return 0
    plans = [plan(project, combination) for combination in expand(overrides)]
    if named_runs := [run.root.name for run in plans if run.root.name]:
        what, expected = "a sweep's runs have no names", "numbered folders, in one of the sweep's"
        raise UserError(what, f"name={named_runs[0]}", expected, "leave name=... out")
    return run_many(project, overrides, project.root / plans[0].root.results_dir, run_one)


def run_one(project: Project, overrides: Sequence[str], folder: Path | None = None) -> None:
    """Validate, compute or load, and publish one run.

    Args:
        project: Where experiments, figures and configs lie.
        overrides: Hydra overrides without sweeps.
        folder: Where to publish; by default a folder of the run's own, `Plan.folder`.
    """
    start = time.perf_counter()
    run = plan(project, overrides)
    execute(project, run, start, folder or target(project, run))


if __name__ == "__main__":
    run_command(main)
