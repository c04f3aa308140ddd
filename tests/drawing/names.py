"""Names of methods in pictures: each begins as a row of the table of looks does.

A text that begins with a word of a method is its name in the table, which may be followed by a
colon, a parenthesis or a slope, or stand in the brackets of a mean, as "E[SG, matched]".
"""

import re
from collections.abc import Iterable, Iterator

METHODS = re.compile(
    r"(?:E\[)?(?:SGs?\b|stochastic AD|score function|smoothed|mean field|SuperSpike|scaled sigmoid"
    r"|sigmoid|finite differences|evolution strategies|DisARM|straight-through SG)"
)
"""Beginnings of texts that name a method."""
VARIANT = (
    r"(?:, slope × (?:1/)?\d+)?(?: alone|, (?:through|detached|linear loss|of each trial's loss"
    r"|1 trial|\d × passes|all flips))?"
)
"""Slope, reset, loss, budget or flips, which may follow a name of the table."""
AFTER = re.compile(rf"{VARIANT}(?:\]|:.*|\s[−.\d]+ \(.*\)|\s\(.*\))?$", re.DOTALL)
"""Variant, and remark or number in parentheses, which may follow a name of the table."""
QUANTITIES = {"smoothed derivative"}
"""Axes that are no method, though they begin with the word of one."""
TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'|\"([^\"]*)\"")


def texts(record: str) -> Iterator[str]:
    """Yield the texts of a record from `tests.drawing.record.record`, each in one line."""
    for single, double in TEXT.findall(record):
        yield plain(single or double)


def plain(text: str) -> str:
    """Return a text of a record in one line."""
    for written, meant in (("\\n", " "), ("\\xa0", " "), ("\\\\", "\\")):
        text = text.replace(written, meant)
    return " ".join(text.split())


def strangers(record: str, labels: Iterable[str], kinds: Iterable[str] = ()) -> list[str]:
    """Return texts that name a method in other words than the table.

    Args:
        record: what is drawn in a picture.
        labels: names of the table.
        kinds: names of groups of methods.
    """
    known = sorted(labels, key=len, reverse=True)
    # The panel shows the slope, as a title or an axis.
    known += [re.sub(r", slope \d+$", "", label) for label in known]
    return sorted({text for text in texts(record) if _strange(text, known)} - set(kinds))


def _strange(text: str, known: Iterable[str]) -> bool:
    # A headline ends with a full stop; "smoothed, $beta$ = 5" is an output.
    other = text in QUANTITIES or text.endswith(".") or text.startswith("smoothed, $")
    # Variants of "SG, matched", and a shape that a run's own list adds.
    other |= bool(re.match(r"SG, slope × \S", text) and AFTER.fullmatch(text.removeprefix("SG")))
    other |= bool(re.fullmatch(r"SG, \w+ shape(?:, slope × \S+)?", text))
    if not METHODS.match(text) or other:
        return False
    name = text.removeprefix("E[")
    return not any(
        name.startswith(label) and AFTER.fullmatch(name[len(label) :]) for label in known
    )
