"""Publishing leaves the user's files, and another run's, as they are."""

import json
import os
import shutil
import time

import pytest

from experiments.engine.cache import CorruptResult, file_hash
from experiments.publish import read
from figures import drawing
from tests.experiments.conftest import copied


def test_files_of_the_users_in_a_runs_folder_stay(ran, capfd):
    folder = ran.results / "smoke" / "fig7"
    (folder / "fig7-mine").mkdir()
    (folder / "fig7-mine" / "mine.txt").write_text("mine")
    # Dated a week ago: nothing is taken for a leftover.
    mine = [place / ".tmp-mine" for place in (ran.results, ran.results / "cache", folder)]
    for place in mine:
        place.mkdir()
        (place / "mine.txt").write_text("mine")
        os.utime(place, (time.time() - 7 * 86400,) * 2)
    (folder / "link").symlink_to("nowhere")
    for name in ("fig7_notes.txt", "fig7_old.png"):
        (folder / name).write_text("mine")
    # Annotated in place.
    (folder / "fig7.pdf").write_text("annotated")
    for overrides in ([], ["compute=always"]):
        assert ran.run("figure=fig7/smoke", *overrides) == 0
        assert (folder / "fig7-mine" / "mine.txt").read_text() == "mine"
        assert (folder / "link").is_symlink()
        assert all((place / "mine.txt").read_text() == "mine" for place in mine)
        for name in ("fig7_notes.txt", "fig7_old.png"):
            assert (folder / name).read_text() == "mine"
    assert (folder / "fig7-kept.pdf").read_text() == "annotated"
    assert not (folder / "fig7-kept-2.pdf").exists()
    assert "fig7.pdf was changed since its run wrote it" in capfd.readouterr().err
    ran.check_whole()


def test_a_record_of_the_users_is_kept_and_a_runs_own_is_replaced(ran, capfd):
    folder = ran.results / "smoke" / "fig7"
    record = folder / "meta.json"
    assert ran.run("figure=fig7/smoke", "compute=always") == 0
    old = json.loads(record.read_text())
    del old["checksum"]  # as a record of an older version
    record.write_text(json.dumps(old, indent=2))
    assert ran.run("figure=fig7/smoke", "compute=always") == 0
    assert not list(folder.glob("*kept*")) and "checksum" in json.loads(record.read_text())
    noted = json.dumps(json.loads(record.read_text()) | {"note": "mine"}, indent=2)
    for name, mine in (("meta-kept.json", '{"subject": "mine"}'), ("meta-kept-2.json", noted)):
        record.write_text(mine)
        assert ran.run("figure=fig7/smoke") == 0
        assert (folder / name).read_text() == mine
        assert "meta.json was changed since its run wrote it" in capfd.readouterr().err
        assert read(folder).figure == "fig7"
        ran.check_whole()
    assert ran.run("figure=fig7/smoke") == 0
    assert len(list(folder.glob("meta-kept*"))) == 2, "each is kept once"


def test_a_run_that_ends_while_another_draws_is_no_change_of_the_users(ran, monkeypatch):
    folder, draw = ran.results / "smoke" / "fig7", drawing.draw

    def drawn_while_another_ends(*arguments):
        monkeypatch.setattr(drawing, "draw", draw)
        assert ran.run("figure=fig7/smoke", "panels.wave.n_points=12") == 0
        for path in folder.with_name("fig7-wave.n_points=12").iterdir():
            shutil.copy(path, folder)
        return draw(*arguments)

    monkeypatch.setattr(drawing, "draw", drawn_while_another_ends)
    (folder / "fig7.png").unlink()
    assert ran.run("figure=fig7/smoke") == 0
    assert not list(folder.glob("*kept*"))
    ran.check_whole()


def test_a_record_that_names_files_elsewhere_deletes_none(ran):
    folder = ran.results / "smoke" / "fig7"
    victims = [ran.root / "victim.txt", folder / "fig7_b.png"]
    path = folder / "meta.json"
    meta = json.loads(path.read_text())
    for victim, name in zip(victims, ("../../../victim.txt", "fig7_b.png"), strict=True):
        victim.write_text("mine")
        meta["files"][name] = file_hash(victim)
    meta["files"][str(victims[0])] = file_hash(victims[0])
    path.write_text(json.dumps(meta))
    assert ran.run("figure=fig7/smoke", "compute=always") == 0
    assert all(victim.read_text() == "mine" for victim in victims)


def test_a_folder_that_is_a_link_stays_one(ran, tmp_path):
    folder, elsewhere = ran.results / "smoke" / "fig7", tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    assert ran.run("figure=fig7/smoke", "compute=always") == 0
    assert folder.is_symlink() and (elsewhere / "meta.json").is_file()
    ran.check_whole()


def test_numbers_beside_another_runs_record_are_not_read(ran, tmp_path):
    """As after a kill between two files."""
    other = copied(ran.root, tmp_path / "other")
    assert other.run("figure=fig7/smoke", "panels.wave.n_points=12") == 0
    other_npz = other.results / "smoke/fig7-wave.n_points=12/fig7.npz"
    (ran.results / "smoke/fig7/fig7.npz").write_bytes(other_npz.read_bytes())
    with pytest.raises(CorruptResult, match=r"fig7\.npz is not the file"):
        read(ran.results / "smoke/fig7")
    assert ran.run("figure=fig7/smoke") == 0
    ran.check_whole()
