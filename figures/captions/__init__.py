"""Captions of all pictures, a file each: `figN.md` and `figN_supplement.md`.

A heading, the claim, is printed above the panels. Each panel has a paragraph that begins with its
letter, ``**a**`` or ``**a, b**``: a full sentence that names x, y and the conclusion; n, the
meaning of bands, and a result that would falsify the claim.
Above the heading, between lines of ``+++``, are further fields of `Caption`, in TOML.
docs/figures.md and the site's page of the figure take their words from here:

make gallery
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Caption:
    """The words below a picture.

    Attributes:
        headline: The claim, one sentence.
        body: Panel by panel, in Markdown.
        preset: The preset of the committed numbers, of which the headline speaks.
        number: What docs/figures.md quotes beside the command.
        explorer: The page of explorers/pages on the same, if there is one.
        derivation: Pages, from the repository's root, where the mathematics is derived.
        panels: By the letters where they are drawn, as "a to c", panels of the configuration.
        change: What to try: each a "command", and how to "look" at what it draws.
    """

    headline: str
    body: str
    preset: str = "paper"
    number: str = ""
    explorer: str = ""
    derivation: Sequence[str] = ()
    panels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    change: Sequence[Mapping[str, str]] = ()


def caption(picture: str, folder: Path = FOLDER) -> Caption:
    """Return the caption of a picture, as "fig4" or "fig4_supplement"; empty if it has none."""
    path = folder / f"{picture}.md"
    if not path.is_file():
        return Caption("", "")
    text = path.read_text()
    head, text = text[4:].split("+++\n", 1) if text.startswith("+++\n") else ("", text)
    first, _, rest = text.partition("\n")
    return Caption(first.removeprefix("# ").strip(), rest.strip(), **tomllib.loads(head))
