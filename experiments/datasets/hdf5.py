"""Reader of files in the schema of the Spiking Heidelberg Digits, zipped or not."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from experiments.datasets.checks import (
    Refuse,
    check_counts,
    check_samples,
    check_spikes,
    refusing,
)
from experiments.datasets.events import N_CHANNELS, N_CLASSES, Events
from experiments.engine.errors import UserError

# A number or a list of numbers per sample, or a name per class.
SCHEMA = {
    "spikes/times": "a list of floating-point numbers per sample",
    "spikes/units": "a list of integers per sample",
    "labels": "an integer per sample",
    "extra/speaker": "an integer per sample",
    "extra/keys": "a name per class",
}
SIGNATURE = b"\x89HDF\r\n\x1a\n"
UNPACKED = 50
"""Largest ratio of unpacked to packed size. Spikes have a ratio of about 3; an archive made to
exhaust the memory has up to 1 000."""
SMALL = 2**26
"""Number of unpacked bytes that are accepted at any ratio."""
FIX = "fetch or generate the file again; docs/data.md describes what it has to hold"


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
        UserError: If the file is missing, damaged, truncated or not HDF5, lacks an entry of the
            schema, or has samples that are empty, not sorted in time, or out of range.
    """
    refuse = refusing(Path(path), fix)
    with _opened(Path(path), refuse) as file:
        entries = _entries(file, refuse)
        classes = tuple(_text(key) for key in entries["extra/keys"][:])
        labels, speakers = entries["labels"][:], entries["extra/speaker"][:]
        times, n_times = _flat(entries["spikes/times"])
        units, n_units = _flat(entries["spikes/units"])
    check_samples(refuse, classes, n_classes, labels, [n_times, n_units, speakers])
    check_counts(refuse, n_times, n_units)
    offsets = np.concatenate([[0], np.cumsum(n_times)])
    check_spikes(refuse, times, units, offsets, n_channels)
    return Events(
        times.astype(np.float32, copy=False),
        units.astype(np.uint16, copy=False),
        offsets,
        labels.astype(np.int32),
        speakers.astype(np.int32),
        classes,
        n_channels,
    )


def count(path: Path | str, fix: str = FIX) -> int:
    """Return the number of samples of a file without reading samples."""
    refuse = refusing(Path(path), fix)
    with _opened(Path(path), refuse) as file:
        return len(_entries(file, refuse)["labels"])


@contextmanager
def _opened(path: Path, refuse: Refuse) -> Iterator[h5py.File]:
    """Open a file; unpack a zip archive into memory."""
    if not path.is_file():
        raise refuse("no such data file", path, "an HDF5 file, or a zip archive of one")
    with _unzipped(path, refuse) if path.suffix == ".zip" else open(path, "rb") as source:
        if source.read(len(SIGNATURE)) != SIGNATURE:
            raise refuse("not an HDF5 file", "a file of another kind", "an HDF5 file")
        source.seek(0)
        try:
            file = h5py.File(source, "r")
        except (OSError, RuntimeError) as error:
            raise refuse("truncated or damaged HDF5 file", error, "an intact file") from error
        with file:
            try:
                yield file
            except (OSError, RuntimeError, KeyError) as error:
                raise refuse("damaged HDF5 file", error, "an intact file") from error


def _unzipped(path: Path, refuse: Refuse) -> io.BytesIO:
    """Return the member of a zip archive, refusing an archive of several members."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise refuse("the zip archive must hold exactly one file", names, "one HDF5 file")
            (member,) = archive.infolist()
            if member.file_size > max(SMALL, UNPACKED * member.compress_size):
                got = f"{member.compress_size} bytes for {member.file_size}"
                expected = f"at least one byte for {UNPACKED}"
                raise refuse("the zip archive would fill the memory", got, expected)
            return io.BytesIO(archive.read(member))
    except (UserError, MemoryError):
        raise
    # A damaged archive can raise nearly any exception.
    except Exception as error:
        got = f"{type(error).__name__}: {error}"
        raise refuse("damaged zip archive", got, "an intact zip archive") from error


def _entries(file: h5py.File, refuse: Refuse) -> dict[str, h5py.Dataset]:
    """Return the entries of the schema; refuse missing entries and wrong types."""
    entries = {}
    for name, meaning in SCHEMA.items():
        entry = file[name] if name in file else None
        if entry is None:
            present: list[str] = []
            file.visit(present.append)
            raise refuse(f"{name} is missing", ", ".join(present) or "no entries", meaning)
        if where := _elsewhere(file, entry):
            what = f"{name} is not stored in the file itself"
            raise refuse(what, where, "all numbers in one file, as h5repack leaves them")
        if not isinstance(entry, h5py.Dataset) or entry.ndim != 1 or not _fits(name, entry):
            raise refuse(f"{name} has the wrong type", _kind(entry), meaning)
        entries[name] = entry
    return entries


def _elsewhere(file: h5py.File, entry: h5py.HLObject) -> str:
    """Describe how an entry refers to a second file; return "" for plain entries.

    No digest covers such a file. HDF5 would look for linked files in this file itself, because the
    file is opened without a name.
    """
    if entry.file.filename != file.filename:
        return "an external link"
    if not isinstance(entry, h5py.Dataset):
        return ""
    return "external storage" if entry.external else "a virtual dataset" * entry.is_virtual


def _fits(name: str, entry: h5py.Dataset) -> bool:
    """Return whether an entry has the type that the schema demands."""
    element = h5py.check_vlen_dtype(entry.dtype)
    if name == "extra/keys":
        return h5py.check_string_dtype(entry.dtype) is not None
    if name.startswith("spikes/"):
        kinds = "f" if name == "spikes/times" else "iu"
        return isinstance(element, np.dtype) and element.kind in kinds
    return entry.dtype.kind in "iu"


def _kind(entry: object) -> str:
    if not isinstance(entry, h5py.Dataset):
        return "a group"
    element = h5py.check_vlen_dtype(entry.dtype)
    kind = f"lists of {element}" if element else str(entry.dtype)
    return f"{kind}, shape {entry.shape}"


def _text(key: bytes | str) -> str:
    if isinstance(key, str):
        return key
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        return key.decode("latin-1")


def _flat(entry: h5py.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the concatenated lists of all samples, and the length of each list."""
    lists = entry[:]
    empty = np.zeros(0, h5py.check_vlen_dtype(entry.dtype))
    return np.concatenate([empty, *lists]), np.array([len(x) for x in lists], dtype=np.int64)
