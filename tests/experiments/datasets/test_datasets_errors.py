"""Every kind of bad file ends in one message that names file, sample, got, expected and fix."""

import zipfile

import h5py
import numpy as np
import pytest

from experiments.datasets import load
from experiments.datasets.hdf5 import SCHEMA, count
from experiments.engine.errors import UserError
from tests.experiments.datasets import digits


def refused(path, *parts):
    """The message about a file, which has to hold all of these parts."""
    with pytest.raises(UserError) as caught:
        load(path)
    message = str(caught.value)
    for part in (str(path), "got:", "expected:", "fix:", *parts):
        assert part in message, message
    return message


def changed(name, *place, value, dtype=None):
    """Content in which one sample of an entry, or one spike of a sample, has another value."""
    content = digits.samples()
    entries = content[name]
    if dtype:
        content[name] = entries = [spikes.astype(dtype) for spikes in entries]
    *first, last = place
    for i in first:
        entries = entries[i]
    entries[last] = np.asarray(value, entries[last].dtype)
    return content


def shortened(name):
    """Content in which one entry has one sample less."""
    content = digits.samples()
    content[name] = content[name][:-1]
    return content


TIMES, UNITS = "spikes/times", "spikes/units"
LENGTHS = "entries have different lengths"
BAD = {
    "unit 700": (changed(UNITS, 3, 5, value=700), "unit out of range, spike 5 of sample 3", "700"),
    "unit -1": (changed(UNITS, 3, 5, value=-1, dtype=np.int16), "unit out of range", "0 to 699"),
    "NaN": (changed(TIMES, 4, 0, value=np.nan), "not a number, spike 0 of sample 4", "nan"),
    "infinite": (changed(TIMES, 4, -1, value=np.inf), "not a number", "of sample 4", "inf"),
    "negative": (changed(TIMES, 0, 0, value=-0.25), "negative time, spike 0 of sample 0", "-0.25"),
    "milliseconds": (changed(TIMES, 0, -1, value=700), "time beyond any utterance", "700.0"),
    "unsorted": (changed(TIMES, 39, 2, value=0), "not sorted, spike 2 of sample 39", "0.0"),
    "label 20": (changed("labels", 7, value=20), "label of sample 7 is not a class", "0 to 19"),
    "empty": (
        {**digits.samples(), **{x: changed(x, 6, value=[])[x] for x in (TIMES, UNITS)}},
        "sample 6 is empty",
    ),
    "times and units": (
        changed(TIMES, 8, value=[0.5]),
        "different numbers of times and units in sample 8",
        "1 times",
    ),
    "fewer times": (shortened(TIMES), LENGTHS, "39 in spikes/times, 40 in labels"),
    "fewer labels": (shortened("labels"), LENGTHS, "40 in spikes/times, 39 in labels"),
    "fewer speakers": (shortened("extra/speaker"), LENGTHS, "39 in extra/speaker"),
    "19 classes": (shortened("extra/keys"), "wrong number of classes", "19 in extra/keys", "20"),
    "labels that are words": (
        {**digits.samples(), "labels": ["zero"] * 40},
        "labels has the wrong type",
        "an integer per sample",
    ),
    "times as integers": (
        {**digits.samples(), TIMES: digits.samples()[UNITS]},
        "spikes/times has the wrong type",
        "lists of uint16, shape (40,)",
    ),
    "a table of times": (
        {**digits.samples(), TIMES: np.zeros((40, 9), np.float16)},
        "spikes/times has the wrong type",
        "shape (40, 9)",
    ),
}


@pytest.mark.parametrize(("content", *["parts"]), [(c, p) for c, *p in BAD.values()], ids=BAD)
def test_bad_content(content, parts, tmp_path):
    path = digits.write(tmp_path / "bad.h5", content)
    refused(path, *parts)
    refused(digits.zipped(path), *parts)


@pytest.mark.parametrize("name", SCHEMA)
def test_a_missing_entry(name, tmp_path):
    content = digits.samples()
    del content[name]
    refused(digits.write(tmp_path / "bad.h5", content), f"{name} is missing", SCHEMA[name])


def test_no_samples(tmp_path):
    path = digits.write(tmp_path / "bad.h5", digits.samples(1))
    with h5py.File(path, "a") as file:
        for name in set(SCHEMA) - {"extra/keys"}:
            kind = file[name].dtype
            del file[name]
            file.create_dataset(name, 0, kind)
    refused(path, "no samples", "at least one")


def test_ties_and_falls_between_samples_are_no_fault(tmp_path):
    content = digits.samples()
    content[TIMES] = [
        np.full(len(t), 0.5 - i / 100, np.float16) for i, t in enumerate(content[TIMES])
    ]
    assert len(load(digits.write(tmp_path / "good.h5", content))) == 40


def test_a_missing_file(tmp_path):
    refused(tmp_path / "none.h5", "no such data file")
    refused(tmp_path, "no such data file")


def test_another_kind_of_file(tmp_path):
    path = tmp_path / "text.h5"
    for content in ("spikes", ""):
        path.write_text(content)
        refused(path, "not an HDF5 file")
        refused(digits.zipped(path), "not an HDF5 file")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_a_truncated_file(share, tmp_path):
    path = digits.write(tmp_path / "bad.h5", digits.samples())
    archive = digits.zipped(path)
    for file, message in ((path, "truncated or damaged HDF5"), (archive, "damaged zip archive")):
        content = file.read_bytes()
        file.write_bytes(content[: int(share * len(content))])
        refused(file, message)
    refused(digits.zipped(path), "truncated or damaged HDF5")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_damaged_archive(tmp_path, method):
    path = digits.write(tmp_path / "bad.h5", digits.samples())
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w", method) as file:
        file.write(path, path.name)
    whole = archive.read_bytes()
    # Behind its header, where LZMA has its settings, and in the middle.
    for start in (30 + len(path.name) + 4, len(whole) // 2):
        damaged = bytes(byte ^ 255 for byte in whole[start : start + 8])
        archive.write_bytes(whole[:start] + damaged + whole[start + 8 :])
        refused(archive, "damaged zip archive")


def external_storage(file, other, name):
    values = file[name][:]
    del file[name]
    raw = other.with_suffix(".raw")
    raw.write_bytes(values.tobytes())
    file.create_dataset(name, values.shape, values.dtype, external=[(str(raw), 0, values.nbytes)])


def a_virtual_dataset(file, other, name):
    layout = h5py.VirtualLayout(file[name].shape, file[name].dtype)
    layout[:] = h5py.VirtualSource(str(other), name, file[name].shape)
    del file[name]
    file.create_virtual_dataset(name, layout)


def an_external_link(file, other, name):
    """By way of a link within the file."""
    del file[name]
    file["elsewhere"] = h5py.ExternalLink(str(other), "extra/speaker")
    file[name] = h5py.SoftLink("/elsewhere")


@pytest.mark.parametrize("store", [external_storage, a_virtual_dataset, an_external_link])
def test_numbers_in_other_files_are_refused(tmp_path, store):
    """No digest covers them."""
    other = digits.write(tmp_path / "other.h5", digits.samples())
    path = digits.write(tmp_path / "bad.h5", digits.samples())
    with h5py.File(path, "a") as file:
        store(file, other, "labels")
    message = refused(path, "labels is not stored in the file itself", "all numbers in one file")
    assert store.__name__.replace("_", " ") in message
    with pytest.raises(UserError, match="labels is not stored"):
        count(path)


def test_damage_inside_of_a_file_is_never_a_traceback(tmp_path):
    path = digits.write(tmp_path / "bad.h5", digits.samples(4, 8))
    content = np.frombuffer(path.read_bytes(), np.uint8)
    n_refused = 0
    for place in range(8, 2400, 97):  # where the tree of entries lies
        damaged = content.copy()
        damaged[place : place + 16] ^= 255
        path.write_bytes(damaged.tobytes())
        try:
            load(path)
        except UserError as error:
            assert str(path) in str(error)
            n_refused += 1
    assert n_refused > 5


def test_an_archive_of_two_files_or_none(tmp_path):
    path = digits.write(tmp_path / "a.h5", digits.samples())
    zipfile.ZipFile(tmp_path / "none.zip", "w").close()
    one = "the zip archive must hold exactly one file"
    refused(digits.zipped(path, "readme.txt"), one, "readme.txt")
    refused(tmp_path / "none.zip", one, "[]")


def test_an_archive_that_would_fill_the_memory_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "train.h5.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train.h5", bytes(2**26 + 1))
    assert path.stat().st_size < 2**20
    refused(path, "would fill the memory")
