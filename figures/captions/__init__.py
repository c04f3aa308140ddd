"""What is said of each picture: one `figN.md` a picture, and one `figN_supplement.md`.

The first line is a heading, the claim, which is printed above the panels. Each panel has a
paragraph that begins with its letter, ``**a**`` or ``**a, b**``: what is plotted, n, what bands
are, what would falsify the claim. README and docs/figures.md take their words from here:

python -m figures.captions
"""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
LETTERS = re.compile(r"^\*\*([a-z](?:, [a-z])*)\*\*", re.MULTILINE)


@dataclass(frozen=True)
class Caption:
    """The words below a picture.

    Attributes:
        headline: The claim, one sentence.
        body: Panel by panel, in Markdown.
    """

    headline: str
    body: str

    @property
    def letters(self) -> list[str]:
        """The panels that it describes."""
        return [letter for group in LETTERS.findall(self.body) for letter in group.split(", ")]


def caption(picture: str, folder: Path = FOLDER) -> Caption:
    """The caption of a picture, as "fig4" or "fig4_supplement"; empty where there is none."""
    path = folder / f"{picture}.md"
    if not path.is_file():
        return Caption("", "")
    first, _, rest = path.read_text().partition("\n")
    return Caption(first.removeprefix("# ").strip(), rest.strip())
