"""The real set's archives: found, downloaded from a local server, and refused."""

import socket
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from experiments.datasets import load, shd
from experiments.engine.errors import UserError
from tests.experiments.datasets import digits


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_):
        pass


@pytest.fixture
def published(tmp_path):
    """A folder with two small archives under the published names, and their checksums."""
    folder = tmp_path / "server"
    folder.mkdir()
    archives = []
    for archive, n in ((shd.TRAIN, 9), (shd.TEST, 5)):
        path = digits.write(folder / archive.name.removesuffix(".zip"), digits.samples(n))
        archives.append(shd.Archive(archive.name, shd._md5(digits.zipped(path))))
    return folder, tuple(archives)


@pytest.fixture
def url(published):
    """The address of a server of that folder."""
    handler = partial(Quiet, directory=published[0])
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def closed_url():
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


def message_of(*arguments):
    with pytest.raises(UserError) as caught:
        shd.locate(*arguments)
    return str(caught.value)


def test_the_published_checksums_are_these():
    assert shd.TRAIN == shd.Archive("shd_train.h5.zip", "f3252aeb598ac776c1b526422d90eecb")
    assert shd.TEST == shd.Archive("shd_test.h5.zip", "1503a5064faa34311c398fb0a1ed0a6f")


def test_archives_in_a_folder_are_found_and_verified(published):
    folder, archives = published
    assert [len(load(path)) for path in shd.locate(folder, archives=archives)] == [9, 5]
    # The wrong variant: the same files are not the ones that were published.
    message = message_of(folder)
    assert f"md5 {archives[0].md5}" in message and f"md5 {shd.TRAIN.md5}" in message


def test_absent_files_say_what_to_download_from_where_to_which_folder(tmp_path):
    message = message_of(tmp_path)
    for part in (*vars(shd.TRAIN).values(), *vars(shd.TEST).values(), str(tmp_path)):
        assert part in message
    assert "zenkelab.org/datasets" in message and "download=true" in message
    assert not list(tmp_path.iterdir())


def test_one_absent_file_is_absent(published):
    folder, archives = published
    (folder / shd.TEST.name).unlink()
    assert f"no {folder / shd.TEST.name}" in message_of(folder, False, shd.URL, archives)


def test_without_a_folder_the_users_cache_is_meant(monkeypatch, tmp_path):
    monkeypatch.setattr(shd.pooch, "os_cache", lambda project: tmp_path / project)
    assert str(tmp_path / "snn-surrogate" / "shd") in message_of(None)


def test_a_download_is_verified_and_used_again(published, url, tmp_path, capfd):
    target = tmp_path / "cache" / "shd"
    paths = shd.locate(target, True, url, published[1])
    assert [len(load(path)) for path in paths] == [9, 5]
    assert capfd.readouterr().err.count("downloading") == 2
    for path in published[0].iterdir():
        path.unlink()
    assert shd.locate(target, True, url, published[1]) == paths
    assert capfd.readouterr().err == ""


def test_a_download_with_another_checksum_is_refused_and_leaves_nothing(published, url, tmp_path):
    target = tmp_path / "cache"
    message = message_of(target, True, url)
    assert "is not the published file" in message and shd.TRAIN.md5 in message and url in message
    assert not list(target.iterdir())


def test_a_file_with_another_checksum_is_not_overwritten(published, url, tmp_path):
    mine = tmp_path / shd.TRAIN.name
    mine.write_text("mine")
    message = message_of(tmp_path, True, url, published[1])
    assert f"remove it, then download {shd.TRAIN.name}" in message
    assert mine.read_text() == "mine"


def test_offline_is_one_message(closed_url, published, tmp_path):
    message = message_of(tmp_path, True, closed_url, published[1])
    assert "could not be downloaded" in message and "by other means" in message
    assert shd.TRAIN.name in message and str(tmp_path) in message and closed_url in message


def test_a_file_that_the_server_does_not_have_is_one_message(published, url, tmp_path):
    (published[0] / shd.TEST.name).unlink()
    message = message_of(tmp_path, True, url, published[1])
    assert f"{shd.TEST.name} could not be downloaded" in message and "404" in message
