"""Checks of a data set before training; an error names the first fault."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from experiments.engine.errors import UserError

LONGEST = 10.0
"""Latest spike time in seconds; larger times have wrong units."""


Refuse = Callable[[str, object, str], UserError]


def refusing(path: Path, fix: str) -> Refuse:
    """Return a function that makes errors about a file from what, got and expected."""
    return lambda what, got, expected: UserError(f"{path}: {what}", got, expected, fix)


def check_samples(
    refuse: Refuse,
    classes: tuple[str, ...],
    n_classes: int,
    labels: np.ndarray,
    others: list[np.ndarray],
) -> None:
    """Check the length of all entries, and the range of labels.

    Args:
        refuse: Function that makes the error from what, got and expected.
        classes: Names of the classes in the file.
        n_classes: Number of classes that is expected.
        labels: Label of each sample, ``(sample,)``.
        others: Other entries with one value per sample.

    Raises:
        UserError: If a length or a label is wrong.
    """
    if len(classes) != n_classes:
        raise refuse("wrong number of classes", f"{len(classes)} in extra/keys", str(n_classes))
    n = len(labels)
    names = ("spikes/times", "spikes/units", "extra/speaker")
    for name, column in zip(names, others, strict=True):
        if len(column) != n:
            got = f"{len(column)} in {name}, {n} in labels"
            raise refuse("entries have different lengths", got, "one entry per sample in each")
    if not n:
        raise refuse("no samples", 0, "at least one")
    wrong = (labels < 0) | (labels >= n_classes)
    if wrong.any():
        i = int(wrong.argmax())
        raise refuse(f"label of sample {i} is not a class", labels[i], f"0 to {n_classes - 1}")


def check_counts(refuse: Refuse, n_times: np.ndarray, n_units: np.ndarray) -> None:
    """Check that samples have spikes, and a unit for each spike time.

    Args:
        refuse: Function that makes the error from what, got and expected.
        n_times: Number of spike times of each sample, ``(sample,)``.
        n_units: Number of units of each sample, ``(sample,)``.

    Raises:
        UserError: If a sample is empty, or the numbers differ.
    """
    differ = n_times != n_units
    if differ.any():
        i = int(differ.argmax())
        got = f"{n_times[i]} times, {n_units[i]} units"
        raise refuse(
            f"different numbers of times and units in sample {i}", got, "one unit per time"
        )
    if not n_times.all():
        raise refuse(
            f"sample {int((n_times == 0).argmax())} is empty", "no spike", "at least one spike"
        )


def check_spikes(
    refuse: Refuse, times: np.ndarray, units: np.ndarray, offsets: np.ndarray, n_channels: int
) -> None:
    """Check channels and times of all spikes: in range, finite, ascending within a sample.

    Args:
        refuse: Function that makes the error from what, got and expected.
        times: Times of all spikes in seconds, ``(spike,)``.
        units: Channels of all spikes, ``(spike,)``.
        offsets: Index of the first spike of each sample.
        n_channels: Number of channels.

    Raises:
        UserError: If a channel or a time is wrong.
    """

    def check(wrong: np.ndarray, what: str, values: np.ndarray, expected: str) -> None:
        if wrong.any():
            spike = int(wrong.argmax())
            i = int(np.searchsorted(offsets, spike, side="right")) - 1
            place = f"spike {spike - offsets[i]} of sample {i}"
            raise refuse(f"{what}, {place}", values[spike], expected)

    high = (units < 0) | (units >= n_channels)
    check(high, "unit out of range", units, f"0 to {n_channels - 1}")
    check(~np.isfinite(times), "time is not a number", times, "finite times, s")
    check(times < 0, "negative time", times, "times from 0 s on")
    check(times > LONGEST, "time beyond any utterance", times, f"seconds, at most {LONGEST:g}")
    falls = np.zeros(len(times), bool)
    falls[1:] = times[1:] < times[:-1]
    falls[offsets[:-1]] = False  # the first spike of a sample follows no other
    check(falls, "times are not sorted", times, "ascending times within each sample")
