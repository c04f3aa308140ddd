"""The pictures of a figure, for the engine, which imports no renderer."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import figures
from experiments.engine.cache import checksum
from experiments.engine.config import Place
from experiments.engine.experiment import Data
from experiments.engine.provenance import package_version
from figures import drawing
from figures.captions import caption

CODE = ("*.py", "*.mplstyle")
"""Files that decide a picture, in the folders of renderers."""


@dataclass(frozen=True)
class Artist:
    """Draws the pictures of a figure.

    Attributes:
        figure: As "fig4".
        room: The folder with its renderers.
    """

    figure: str
    room: Place

    def pictures(self) -> list[str]:
        """Return the names of the pictures, such as "fig5" and "fig5_supplement"."""
        return drawing.pictures(self.figure, self.room.figures)

    def identity(self, picture: str, panels: Mapping[str, Data], stamp: str) -> str:
        """Return a hash of numbers, code, style, headline and Matplotlib, which decide a picture.

        Args:
            picture: As "fig4_supplement".
            panels: Arrays by panel and name.
            stamp: Preset and changed parameters.
        """
        parts = [f"{name} {checksum(data)}" for name, data in sorted(panels.items())]
        parts += [stamp, caption(picture, self.room.captions).headline]
        parts += [package_version(name) for name in ("matplotlib", "numpy")]
        for folder in sorted({Path(figures.__file__).parent, self.room.drawings}):
            files = sorted(path for kind in CODE for path in folder.rglob(kind))
            parts += [f"{path.relative_to(folder)}\n{path.read_text()}" for path in files]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def draw(
        self, picture: str, panels: Mapping[str, Data], stamp: str, paths: Sequence[Path]
    ) -> None:
        """Write a picture to files, whose suffixes decide the formats."""
        drawing.draw(picture, dict(panels), stamp, list(paths), self.room.figures)
