"""Copies rendered figures into the gallery: python -m scripts.update_gallery [FIGURE ...].

For every figure named, or all, results/PRESET/figN gives figures/gallery/figN.png, reduced in size
and colours, and figures/reference/figN.npz, the plotted numbers. The preset is paper, or that of
`SHOWN` where the paper's needs hours, or what not everybody has.
"""

import shutil
import sys
from collections.abc import Sequence

from PIL import Image

from experiments.engine.errors import UserError, guarded
from experiments.engine.registry import Project

SHOWN = {"fig7": "medium", "fig8": "quick"}
WIDTH = 900
COLOURS = 96
REFINEMENTS = 10
"""Rounds in which the colours are fitted to the picture: areas keep theirs."""


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Copies the figures, and prints what they weigh."""
    project = project or Project()
    total = 0
    for figure in arguments or project.presets():
        preset = SHOWN.get(figure, "paper")
        project.figure_choice(f"{figure}/{preset}")
        source = project.root / "results" / preset / figure
        if not source.is_dir():
            raise UserError(
                f"{figure} has not been rendered at preset {preset}",
                "no folder",
                str(source.relative_to(project.root)),
                f"make figure-{figure.removeprefix('fig')} PRESET={preset}",
            )
        picture = project.root / "figures" / "gallery" / f"{figure}.png"
        numbers = project.root / "figures" / "reference" / f"{figure}.npz"
        for path in (picture, numbers):
            path.parent.mkdir(exist_ok=True)
        with Image.open(source / f"{figure}.png") as image:
            size = WIDTH, round(image.height * WIDTH / image.width)
            small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            few = small.quantize(COLOURS, kmeans=REFINEMENTS, dither=Image.Dither.NONE)
            few.save(picture, optimize=True)
        shutil.copyfile(source / f"{figure}.npz", numbers)
        size = picture.stat().st_size + numbers.stat().st_size
        total += size
        print(f"{figure}: {size / 1024:.0f} KiB")
    print(f"together: {total / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
