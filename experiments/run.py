"""Compute and draw a figure: the one entry point.

python -m experiments.run figure=fig4/quick [key=value ...]
python -m experiments.run figure=all/quick [key=value ...]       the paper's figures at once
python -m experiments.run figure=beyond/quick [key=value ...]    the figures beyond the paper
python -m experiments.run -m figure=fig4/quick seeds=[1],[2]     a sweep: one run for each value

A run with parameters of its own goes to a folder of its own, results/PRESET/figN-..., named by the
changed parameters, or by name=...
"""

from collections.abc import Sequence

from experiments import refuse_shadowed
from experiments.engine.config import Project
from experiments.engine.errors import UserError, run_command


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Run the figures that the arguments name.

    Args:
        arguments: Hydra overrides, and -m for a sweep.
        project: The project that has the figures; this repository by default.

    Returns:
        The exit status.

    Raises:
        UserError: If an argument is wrong.
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
    refuse_shadowed()
    choices = [text for text in overrides if text.startswith("figure=")]
    if len(choices) > 1:
        expected = f"one figure: with make, {choices[0]} is the target's"
        raise UserError("two figures were named", " ".join(choices), expected, "leave out one")
    group, _, preset = "".join(choices[:1]).removeprefix("figure=").partition("/")
    if options:
        from experiments.sweep import run_many

        run_many(project, overrides)
    elif group in project.groups:
        from experiments.together import run_all

        run_all(project, group, preset, overrides)
    else:
        from experiments.execute import run_one

        run_one(project, overrides)
    return 0


if __name__ == "__main__":
    run_command(main)
