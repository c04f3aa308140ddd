"""Published archives: found, downloaded from a local server, and refused."""

import socket

import pooch
import pytest

from experiments.datasets import catalogue, load
from experiments.datasets.catalogue import HeidelbergDigits as SHD
from experiments.engine.errors import UserError
from tests.experiments.datasets import digits
from tests.explorers.opened import served


def changed(**constants):
    """The published set with another server or other checksums."""
    return type("Changed", (SHD,), constants)


@pytest.fixture
def archives(tmp_path):
    """A folder with two small archives under the published names, and their checksums."""
    folder = tmp_path / "server"
    folder.mkdir()
    md5 = {}
    for name, n in zip(SHD.MD5, (9, 5), strict=True):
        path = digits.zipped(digits.write(folder / name.removesuffix(".zip"), digits.samples(n)))
        md5[name] = pooch.file_hash(str(path), "md5")
    with served(folder) as address:
        yield folder, changed(URL=f"{address}/", MD5=md5)


TRAIN, TEST = SHD.MD5


def files(archives, folder, download=False):
    return archives(folder, download=download).files()


def message_of(archives, *arguments):
    with pytest.raises(UserError) as caught:
        files(archives, *arguments)
    return str(caught.value)


def test_archives_in_a_folder_are_found_and_verified(archives):
    folder, small = archives
    assert [len(load(path)) for path in files(small, folder)] == [9, 5]
    # The wrong variant: the same files are not the ones that were published.
    message = message_of(SHD, folder)
    assert f"md5 {small.MD5[TRAIN]}" in message and f"md5 {SHD.MD5[TRAIN]}" in message


def test_absent_files_say_what_to_download_from_where_to_which_folder(archives, tmp_path):
    folder, small = archives
    message = message_of(SHD, tmp_path / "empty")
    for name, md5 in SHD.MD5.items():
        assert name in message and md5 in message
    assert SHD.URL in message and str(tmp_path) in message and "download=true" in message
    (folder / TEST).unlink()
    assert f"no {folder / TEST}" in message_of(small, folder)


def test_without_a_folder_the_users_cache_is_meant(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "user_cache", lambda name: tmp_path / "snn-surrogate" / name)
    assert str(tmp_path / "snn-surrogate" / "shd") in message_of(SHD, None)


def test_a_download_is_verified_and_used_again(archives, tmp_path):
    folder, small = archives
    paths = files(small, tmp_path / "cache", True)
    assert [len(load(path)) for path in paths] == [9, 5]
    for path in folder.iterdir():
        path.unlink()
    assert files(small, tmp_path / "cache", True) == paths


def test_a_download_with_another_checksum_is_refused_and_leaves_nothing(archives, tmp_path):
    target, other = tmp_path / "cache", type("Other", (archives[1],), {"MD5": SHD.MD5})
    message = message_of(other, target, True)
    assert "could not be downloaded" in message and SHD.MD5[TRAIN] in message
    assert other.URL in message and not list(target.iterdir())


def test_a_file_with_another_checksum_is_not_overwritten(archives, tmp_path):
    mine = tmp_path / TRAIN
    mine.write_text("mine")
    message = message_of(archives[1], tmp_path, True)
    assert "remove it" in message and f"download {TRAIN}" in message
    assert mine.read_text() == "mine"


# Two contents with one MD5 checksum: X. Wang and H. Yu, EUROCRYPT 2005.
COLLIDING = bytes.fromhex(
    "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"
    "55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"
    "d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"
    "e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70"
)
DIFFERENT = (19, 45, 59, 83, 109, 123)


def test_another_archive_with_the_same_md5_is_refused(archives, tmp_path):
    folder, small = archives
    forged = bytes(x ^ 0x80 if i in DIFFERENT else x for i, x in enumerate(COLLIDING))
    path = folder / TRAIN
    path.write_bytes(COLLIDING)
    md5 = small.MD5 | {TRAIN: pooch.file_hash(str(path), "md5")}
    collided = type("Collided", (small,), {"MD5": md5})
    first = files(collided, tmp_path / "cache", True)
    assert files(collided, tmp_path / "cache") == first, "the same archives pass"
    first[0].write_bytes(forged)
    assert pooch.file_hash(str(first[0]), "md5") == md5[TRAIN], "by MD5 alone it is the same"
    message = message_of(collided, tmp_path / "cache", True)
    assert "not the file of its first use" in message and str(first[0]) in message
    sha256 = [pooch.file_hash(str(x), "sha256") for x in (path, first[0])]
    assert sha256[0] != sha256[1] and all(x in message for x in sha256)
    assert first[0].read_bytes() == forged
    record = tmp_path / "cache" / catalogue.CHECKSUMS
    record.write_text("{")
    assert f"remove {record}" in message_of(collided, tmp_path / "cache")


def test_archives_in_a_folder_that_cannot_be_written_are_used(archives, monkeypatch):
    folder, small = archives
    monkeypatch.setattr(catalogue.os, "access", lambda *_: False)
    assert len(files(small, folder)) == 2 and not (folder / catalogue.CHECKSUMS).exists()
    monkeypatch.undo()
    assert len(files(small, folder)) == 2 and (folder / catalogue.CHECKSUMS).exists()


def test_no_server_and_no_file_are_one_message(archives, tmp_path):
    folder, small = archives
    (folder / TEST).unlink()
    message = message_of(small, tmp_path, True)
    assert "could not be downloaded" in message and "404" in message
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    message = message_of(changed(URL=nobody), tmp_path / "other", True)
    assert "could not be downloaded" in message
    assert TRAIN in message and nobody in message
