"""Computes the smoke presets and writes their numbers: python -m scripts.update_goldens [fig4 ...].

Read the difference before committing it: a golden that moved is a result that moved.
"""

import sys
from collections.abc import Sequence

from experiments.engine.errors import UserError, guarded, nearest
from experiments.engine.registry import Project


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Writes the golden file of the figures named, or of all."""
    from experiments.engine.goldens import compute_smoke, write

    project = project or Project()
    figures = list(project.presets())
    for name in arguments:
        if name not in figures:
            close = nearest(name, figures) or ""
            raise UserError(
                f"there is no figure {name}", name, "one of " + ", ".join(figures), close
            )
    for figure in arguments or figures:
        quantities = compute_smoke(figure, project)
        write(project.goldens / f"{figure}.json", quantities)
        print(f"{figure}: {len(quantities)} quantities")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
