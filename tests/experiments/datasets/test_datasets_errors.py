"""Every kind of bad file ends in one message that names file, place, got, expected and fix."""

import zipfile

import h5py
import numpy as np
import pytest

from experiments.datasets import load
from experiments.datasets.reader import SCHEMA
from experiments.engine.errors import UserError
from tests.experiments.datasets import digits

TIMES, UNITS = "spikes/times", "spikes/units"
LENGTHS = "entries have different lengths"


def refused(path, *parts):
    """The message about a file, which has to contain all of these parts."""
    with pytest.raises(UserError) as caught:
        load(path)
    message = str(caught.value)
    for part in (str(path), "got:", "expected:", "fix:", *parts):
        assert part in message, message


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


BAD = {
    "unit 700": (changed(UNITS, 3, 5, value=700), "unit out of range, spike 5 of sample 3", "700"),
    "unit -1": (changed(UNITS, 3, 5, value=-1, dtype=np.int16), "unit out of range", "0 to 699"),
    "NaN": (changed(TIMES, 4, 0, value=np.nan), "time out of range, spike 0 of sample 4", "nan"),
    "infinite": (changed(TIMES, 4, -1, value=np.inf), "time out of range", "of sample 4", "inf"),
    "negative": (changed(TIMES, 0, 0, value=-0.25), "out of range, spike 0 of sample 0", "-0.25"),
    "milliseconds": (changed(TIMES, 0, -1, value=700), "time out of range", "700.0", "seconds"),
    "unsorted": (changed(TIMES, 39, 2, value=0), "not sorted, spike 2 of sample 39", "0.0"),
    "label 20": (changed("labels", 7, value=20), "label is not a class, sample 7", "0 to 19"),
    "empty": (
        {**digits.samples(), **{x: changed(x, 6, value=[])[x] for x in (TIMES, UNITS)}},
        "no spikes, sample 6",
    ),
    "times and units": (changed(TIMES, 8, value=[0.5]), "not one unit per time, sample 8"),
    "fewer times": (shortened(TIMES), LENGTHS, "39 in spikes/times", "40 in labels"),
    "fewer labels": (shortened("labels"), LENGTHS, "40 in spikes/times", "39 in labels"),
    "19 classes": (shortened("extra/keys"), "wrong number of classes", "19", "20"),
    "labels that are words": ({**digits.samples(), "labels": ["zero"] * 40}, "cannot be read"),
    "times as integers": (
        {**digits.samples(), TIMES: digits.samples()[UNITS]},
        "cannot be read",
        "spikes/times contains uint16",
        SCHEMA[TIMES],
    ),
    "a group in place of labels": (
        {**digits.samples(), "labels": None, "labels/1": [1]},
        "cannot be read",
    ),
}


@pytest.mark.parametrize(("content", *["parts"]), [(c, p) for c, *p in BAD.values()], ids=BAD)
def test_bad_content(content, parts, tmp_path):
    content = {name: value for name, value in content.items() if value is not None}
    path = digits.write(tmp_path / "bad.h5", content)
    refused(path, *parts)
    refused(digits.zipped(path), *parts)


@pytest.mark.parametrize("name", SCHEMA)
def test_a_missing_entry(name, tmp_path):
    content = digits.samples()
    del content[name]
    refused(
        digits.write(tmp_path / "bad.h5", content), "cannot be read", f"{name} ({SCHEMA[name]})"
    )


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


def test_a_file_that_is_cut_or_of_another_kind(tmp_path):
    path = digits.write(tmp_path / "bad.h5", digits.samples())
    whole, archive = path.read_bytes(), digits.zipped(path).read_bytes()
    for share in (0.0, 0.02, 0.3, 0.6, 0.99):
        path.write_bytes(whole[: int(share * len(whole))])
        refused(path, "the file cannot be read")
        refused(digits.zipped(path), "the file cannot be read")
        path.with_suffix(".zip").write_bytes(archive[: int(share * len(archive))])
        refused(path.with_suffix(".zip"), "the file cannot be read")
    path.write_text("spikes")
    refused(path, "the file cannot be read")


def test_a_damaged_archive_or_one_of_two_files(tmp_path):
    path = digits.write(tmp_path / "bad.h5", digits.samples())
    archive = digits.zipped(path)
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 255
    archive.write_bytes(content)
    refused(archive, "the file cannot be read")
    refused(digits.zipped(path, "readme.txt"), "2 files in the archive: bad.h5, readme.txt")
    zipfile.ZipFile(archive, "w").close()
    refused(archive, "0 files in the archive")
