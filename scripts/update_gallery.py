"""Copies rendered figures into the committed gallery.

python -m scripts.update_gallery [PRESET [figN ...]]

For every figure, or for those named, results/PRESET/figN (paper by default) gives
figures/gallery/figN.png, reduced in size and colours, and figures/reference/figN.npz, the plotted
numbers.
"""

import shutil
import sys
from collections.abc import Sequence

from PIL import Image

from experiments.engine.errors import UserError, guarded
from experiments.engine.registry import Project

WIDTH = 900
COLOURS = 96
REFINEMENTS = 10
"""Rounds in which the colours are fitted to the picture: areas keep theirs."""


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Copies the figures, and prints what they weigh."""
    project = project or Project()
    preset = arguments[0] if arguments else "paper"
    total = 0
    for figure in arguments[1:] or project.presets():
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
