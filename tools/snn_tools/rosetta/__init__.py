"""Translate surrogate derivatives from one library to another.

Libraries use several names for the same derivative, and the same name for several derivatives. A
parameter may be a slope or a width, and a peak may be 1, the slope, or chosen for an integral of 1.
Each entry of the tables in this folder describes a library's function by a shape, a slope and a
peak. The entries were verified in the installed libraries: tools/docs/audit.md.
"""

from typing import NamedTuple

from snn_tools.rosetta.entry import Entry
from snn_tools.rosetta.libraries import LIBRARIES as LIBRARIES


class Conversion(NamedTuple):
    """The equivalent of a spike function in another library.

    Attributes:
        call: The call in the other library.
        scale: Remaining factor: the original derivative is ``scale`` times the derivative of the
            call.
        notes: Other differences.
    """

    call: str
    scale: float
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        times = "" if self.scale == 1 else f", with its derivative multiplied by {self.scale:g}"
        return self.call + times + "".join(f"\n  {note}" for note in self.notes)


def convert(name: str, *, to: str) -> Conversion:
    """Return the equivalent of a library's spike function in another library.

    Args:
        name: ``library.function(value)``, with the function's first parameter, or without it for
            the library's default: ``"norse.super(100)"``, ``"snntorch.atan"``.
        to: The other library.

    Returns:
        The call, the remaining factor, and notes. Potentials are potential minus threshold.

    Raises:
        ValueError: if a name is not known, or if the other library has no
            such derivative.
    """
    library, entry, value = _parse(name)
    target = _library(to)
    beta, peak = entry.beta(value), entry.peak(value)
    found = equivalent(entry.shape, beta, peak, target)
    if found is None:
        raise ValueError(
            f"{name}: {target} has no derivative of the shape {entry.shape!r}"
            f" and slope {beta:g}. {_offers(target)}"
        )
    other, solved, scale = found
    notes = [note for note in (entry.note, other.note) if note]
    here, there = LIBRARIES[library].at_threshold, LIBRARIES[target].at_threshold
    if here != there:
        notes.append(f"at v = 0 the spike is {here} in {library} and {there} in {target}")
    if other.height and scale != 1:
        return Conversion(LIBRARIES[target].written(other, solved, scale), 1.0, tuple(notes))
    return Conversion(LIBRARIES[target].written(other, solved), scale, tuple(notes))


def equivalent(
    shape: str, beta: float, peak: float, library: str
) -> tuple[Entry, float | int | None, float] | None:
    """Find a library's entry of a shape and slope, with the nearest height.

    Returns:
        The entry, its parameter, and the remaining factor of the height; None if the library has
        no such derivative. Derivatives of the other sign come last.
    """
    candidates = [
        (entry, solved)
        for entry in LIBRARIES[library].entries
        if entry.shape == shape and (solved := entry.solve(beta, peak)) is not None
    ]
    if not candidates:
        return None
    ratios = [peak / entry.peak(solved) for entry, solved in candidates]
    far = [max(ratio, 1 / ratio) if ratio > 0 else float("inf") for ratio in ratios]
    entry, solved = candidates[far.index(min(far))]
    return entry, solved, float(f"{peak / entry.peak(solved):.6g}")


def names(library: str) -> list[str]:
    """Return the names of a library's functions in the tables."""
    return [entry.name for entry in LIBRARIES[_library(library)].entries]


def _parse(name: str) -> tuple[str, Entry, float | int | None]:
    """Return library, function and parameter of ``library.function(value)``."""
    dotted, bracket, inside = name.strip().partition("(")
    first, *_, last = dotted.split(".")
    library = _library(first)
    entries = {entry.name.lower(): entry for entry in LIBRARIES[library].entries}
    entry = entries.get(last.lower())
    if entry is None:
        raise ValueError(f"{name}: {library} has no {last!r}. {_offers(library)}")
    keyword, _, text = inside.rstrip(") ").rpartition("=")
    try:
        if keyword.strip() not in ("", entry.parameter):
            raise ValueError(keyword)
        value = float(text) if text else entry.default
        if text and not 0 < float(text) < float("inf"):
            raise ValueError(text)
        return library, entry, value
    except ValueError:
        raise ValueError(
            f"{name}: got {bracket}{inside}, expected one positive number, "
            f"{entry.parameter or 'none'}: "
            f"{library}.{entry.name}({'' if entry.default is None else f'{entry.default:g}'})"
        ) from None


def _library(name: str) -> str:
    for library in LIBRARIES:
        if library.lower() == name.strip().lower():
            return library
    raise ValueError(f"library: got {name!r}, expected one of {', '.join(LIBRARIES)}.")


def _offers(library: str) -> str:
    return f"It has {', '.join(names(library))}."
