"""Reader of files in the schema of the Spiking Heidelberg Digits, zipped or not."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from experiments.datasets.events import N_CHANNELS, N_CLASSES, Events
from experiments.engine.errors import UserError

SCHEMA = {
    "spikes/times": "a list of floating-point numbers per sample",
    "spikes/units": "a list of integers per sample",
    "labels": "an integer per sample",
    "extra/keys": "a name per class",
}
LONGEST = 10.0
"""Latest spike time in seconds; larger times have wrong units."""
FIX = "fetch or generate the file again; docs/data.md describes its content"


def load(
    path: Path | str, n_classes: int = N_CLASSES, n_channels: int = N_CHANNELS, fix: str = FIX
) -> Events:
    """Read a file into memory and check all of it.

    Args:
        path: An HDF5 file, or a zip archive of one (name ends in ``.zip``), read without
            unpacking.
        n_classes: Number of classes that the file must have.
        n_channels: Number of channels; units must be smaller.
        fix: Advice to the user about a bad file.

    Returns:
        All samples.

    Raises:
        UserError: If the file is missing or damaged, lacks an entry of the schema, or has samples
            that are empty, not sorted in time, or out of range.
    """
    path = Path(path)
    with _opened(path, fix) as file:
        times, n_times = _flat(file, "spikes/times", "f")
        units, n_units = _flat(file, "spikes/units", "iu")
        labels = _column(file, "labels")
        classes = tuple(_entry(file, "extra/keys").asstr("utf-8")[:])

    def check(holds: bool, what: str, got: object, expected: str) -> None:
        if not holds:
            raise UserError(f"{path}: {what}", got, expected, fix)

    def check_each(
        holds: np.ndarray, what: str, values: np.ndarray, expected: str, noun: str = "sample"
    ) -> None:
        if not holds.all():
            i = place = int(holds.argmin())
            if noun == "spike":
                sample = int(np.searchsorted(offsets, i, side="right")) - 1
                place = f"{i - offsets[sample]} of sample {sample}"
            check(False, f"{what}, {noun} {place}", values[i], expected)

    check(len(classes) == n_classes, "wrong number of classes", len(classes), str(n_classes))
    columns = zip(SCHEMA, (n_times, n_units, labels), strict=False)
    lengths = {name: len(column) for name, column in columns}
    got = ", ".join(f"{n} in {name}" for name, n in lengths.items())
    check(len(set(lengths.values())) == 1, "entries have different lengths", got, "one length")
    check(len(labels) > 0, "no samples", 0, "at least one")
    is_class = (labels >= 0) & (labels < n_classes)
    check_each(is_class, "label is not a class", labels, f"0 to {n_classes - 1}")
    check_each(n_times == n_units, "not one unit per time", n_units, "as many units as times")
    check_each(n_times > 0, "no spikes", n_times, "at least one spike in each sample")

    offsets = np.concatenate([[0], np.cumsum(n_times)])
    is_channel = (units >= 0) & (units < n_channels)
    check_each(is_channel, "unit out of range", units, f"0 to {n_channels - 1}", "spike")
    in_range = (times >= 0) & (times <= LONGEST)  # false for NaN, too
    check_each(in_range, "time out of range", times, f"seconds, 0 to {LONGEST:g}", "spike")
    ascending = np.concatenate([[True], times[1:] >= times[:-1]])
    ascending[offsets[:-1]] = True  # the first spike of a sample follows no other
    check_each(ascending, "times are not sorted", times, "ascending times in a sample", "spike")
    return Events(
        times.astype(np.float32, copy=False),
        units.astype(np.uint16, copy=False),
        offsets,
        labels.astype(np.int32),
        classes,
        n_channels,
    )


@contextmanager
def _opened(path: Path, fix: str) -> Iterator[h5py.File]:
    """Open a file, and unpack a zip archive into memory; refuse what cannot be read."""
    if not path.is_file():
        expected = "an HDF5 file, or a zip archive of one"
        raise UserError(f"{path}: no such data file", path, expected, fix)
    try:
        with h5py.File(_unzipped(path) if path.suffix == ".zip" else path, "r") as file:
            yield file
    # A damaged file can raise nearly any exception.
    except Exception as error:
        got = f"{type(error).__name__}: {error}"
        entries = ", ".join(f"{name} ({meaning})" for name, meaning in SCHEMA.items())
        expected = f"an HDF5 file with {entries}"
        raise UserError(f"{path}: the file cannot be read", got, expected, fix) from error


def _unzipped(path: Path) -> io.BytesIO:
    """Return the only member of a zip archive."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(names) != 1:
            raise ValueError(f"{len(names)} files in the archive: {', '.join(names)}")
        return io.BytesIO(archive.read(names[0]))


def _entry(file: h5py.File, name: str) -> h5py.Dataset:
    """Return an entry of a file."""
    entry = file[name]
    if not isinstance(entry, h5py.Dataset):
        raise TypeError(f"{name} is not an array")
    return entry


def _flat(file: h5py.File, name: str, kinds: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the concatenated lists of all samples, and the length of each list."""
    lists = _entry(file, name)[:]
    flat = np.concatenate(lists) if len(lists) else np.zeros(0)
    if len(lists) and flat.dtype.kind not in kinds:
        raise TypeError(f"{name} contains {flat.dtype}")
    return flat, np.array([len(x) for x in lists], dtype=np.int64)


def _column(file: h5py.File, name: str) -> np.ndarray:
    """Return an entry with one integer for each sample."""
    values = _entry(file, name)[:]
    if values.dtype.kind not in "iu":
        raise TypeError(f"{name} contains {values.dtype}")
    return values
