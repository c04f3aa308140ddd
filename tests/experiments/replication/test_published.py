"""Published numbers beside ours: each row has a verdict that can turn, and `verify` prints it."""

import csv
import hashlib
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from experiments.engine.config import Project
from experiments.engine.experiment import exact
from experiments.replication import goldens, published, verify
from tests.experiments.planned import known_quantities

PROJECT = Project()
ROWS = published.read(PROJECT)
DECIDED = [row for row in ROWS if row.same_input]


@cache
def known():
    return published.numbers(PROJECT, known_quantities(), published.on_picture(PROJECT))


def test_figures_2_and_4_to_7_have_published_numbers_and_each_row_says_where_from():
    assert {row.figure for row in ROWS} == set("24567") and len(ROWS) > 80
    for row in ROWS:
        assert bool(row.same_input) != bool(row.no_verdict), row
        assert bool(row.value) == bool(row.where), row
        assert row.how != "stored plot" or float(row.error) > 0, row


@pytest.mark.parametrize("row", DECIDED, ids=lambda row: f"{row.figure} {row.number}")
def test_every_verdict_turns_with_the_published_number(row):
    ours = known()
    low, high = published.interval(ours[row.same_input])
    beyond = max(2 * float(row.error), 1e-6 * abs(high)) + high - low
    wrong = [replace(row, value=str(float(row.value) + x)) for x in (-beyond - 1e-9, beyond + 1e-9)]
    assert row.verdict(ours) == "yes"
    assert [each.verdict(ours) for each in wrong] == ["no", "no"]


def test_a_reading_error_widens_the_interval_by_itself():
    row = replace(DECIDED[0], value="1.2", error="0.3")
    assert row.verdict({row.same_input: exact(1.0)}) == "yes"
    assert replace(row, error="0.1").verdict({row.same_input: exact(1.0)}) == "no"


def test_an_interval_over_seeds_contains_19_of_20_further_seeds():
    draws = np.random.default_rng(0).normal(size=(2000, 6))
    ends = [published.interval(published.of_next_seed(x)) for x in draws[:, :5]]
    inside = np.mean([low < x < high for (low, high), x in zip(ends, draws[:, 5], strict=True)])
    assert abs(inside - 0.95) < 5 * (0.95 * 0.05 / 2000) ** 0.5


def test_the_page_opens_with_the_count_and_names_picture_and_command():
    page = (PROJECT.root / "REPLICATION.md").read_text()
    assert published.summary(PROJECT, known()) in page[: page.index("|")]
    assert published.SHA256 in page and f"ARGS='{' '.join(published.CHANGES)}'" in page
    assert "*validation* accuracies" in page


@pytest.fixture
def verified(monkeypatch, capfd, tmp_path):
    """`verify` without computing the figures."""
    for name in ("published.csv", "published_picture.csv"):
        (tmp_path / name).write_text((PROJECT.root / name).read_text())

    def run(picture=None, changed=None):
        if picture:
            (tmp_path / published.PICTURE).write_bytes(picture)
            monkeypatch.setattr(published, "SHA256", hashlib.sha256(b"picture").hexdigest())
        with (tmp_path / published.BY_SEED).open() as file:
            values = {x[0]: np.array(x[1:], float) for x in list(csv.reader(file))[1:]}
        monkeypatch.setattr(published, "compute", lambda *_: values | (changed or {}))
        monkeypatch.setattr(verify, "reproduced", lambda *_: (known_quantities(), 0))
        monkeypatch.setattr(verify, "refuse_bad_jaxlib", lambda: None)
        monkeypatch.setattr(published, "committed_arrays", committed)
        return verify.main([], Moved(tmp_path)), capfd.readouterr().out

    def committed(_, figure):
        return goldens.committed_arrays(PROJECT, figure)

    return run


class Moved(Project):
    """The project, with published numbers in another folder."""

    places = PROJECT.places


def test_verify_without_the_picture_says_so_and_uses_the_committed_numbers(verified):
    status, out = verified()
    assert status == 0 and "oxford.png, figure 6's published picture, is absent" in out
    before, _, claims = out.partition(published.summary(PROJECT, known()))
    assert "van Rossum distance, stochastic" in before and "claims on figures 1 to 7" in claims


def test_verify_with_another_picture_of_this_name_uses_the_committed_numbers(verified):
    assert "is absent" in verified(b"another")[1]


def test_verify_with_the_picture_compares_its_numbers_with_the_committed_ones(verified):
    status, out = verified(b"picture")
    assert status == 0 and "on the published picture, numbers not reproduced: 0" in out
    name = "picture.stochastic.last_l2[:]"
    status, out = verified(b"picture", {name: np.full(5, 30.0) + np.arange(5) / 10})
    assert status == 1 and "on the published picture, numbers not reproduced: 1" in out
    assert f"fig6.{name}" in out and f"{len(DECIDED) - 1} of the {len(DECIDED)} published" in out
