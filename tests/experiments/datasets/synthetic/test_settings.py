"""What can be asked for, what is said in it, and what a mistake is answered."""

from collections import Counter
from dataclasses import fields

import pytest

from experiments.datasets import synthetic
from experiments.datasets.synthetic import corpus, settings
from experiments.datasets.synthetic.plan import (
    N_SPEAKERS,
    TEST_SPEAKERS,
    TRAIN_SPEAKERS,
    utterances,
)
from experiments.engine.errors import UserError

SIZES = [(80, 40), (160, 40), (640, 160), (3000, 800), (8160, 2240)]


def split(n_train, n_test):
    """Utterances of the training set, and of the test set."""
    spoken = utterances(synthetic.CorpusSettings(n_train, n_test))
    return spoken[:n_train], spoken[n_train:]


@pytest.mark.parametrize("sizes", SIZES)
def test_classes_are_balanced_and_half_of_the_test_is_said_by_two_other_speakers(sizes):
    train, test = split(*sizes)
    for n, part in zip(sizes, (train, test), strict=True):
        assert Counter(u.label for u in part) == dict.fromkeys(range(20), n // 20)
    assert {u.speaker for u in train} == set(TRAIN_SPEAKERS)
    unseen = [u for u in test if u.speaker in TEST_SPEAKERS]
    assert {u.speaker for u in unseen} == set(TEST_SPEAKERS)
    assert 2 * len(unseen) == len(test)
    assert len(TRAIN_SPEAKERS) + len(TEST_SPEAKERS) == N_SPEAKERS
    # Of what the other speakers say at most a fifth is tested.
    kept = len(test) - len(unseen)
    assert 0 < kept <= (len(train) + kept) / 5


def test_training_speakers_say_every_class_equally_often():
    train, _ = split(3000, 800)
    counts = Counter((u.speaker, u.label) for u in train)
    assert set(counts.values()) == {15} and len(counts) == 200


def test_words_belong_to_their_classes():
    train, test = split(80, 40)
    assert len(set(synthetic.CLASS_NAMES)) == 20
    for u in train + test:
        assert u.word == synthetic.CLASS_NAMES[u.label]
        assert (u.language == "de") == (u.label >= 10)
    assert [synthetic.CLASS_NAMES[i] for i in (0, 9, 10, 19)] == ["zero", "nine", "null", "neun"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_train": 0},
        {"n_train": 50},
        {"n_test": 20},
        {"n_test": -40},
        {"n_train": 60, "n_test": 80},
        {"seed": -1},
    ],
)
def test_a_wrong_setting_is_named(wrong):
    with pytest.raises(UserError) as caught:
        synthetic.CorpusSettings(**wrong)
    what, got, expected, fix = str(caught.value).splitlines()
    assert any(name in what and f"{name}=" in got for name in wrong)
    assert expected.strip().startswith("expected:") and fix.strip().startswith("fix:")
    # What is proposed is accepted.
    name, _, value = fix.partition("fix: ")[2].strip().removeprefix("data.").partition("=")
    synthetic.CorpusSettings(**{**wrong, name: int(value)})


def test_digest_tells_corpora_apart():
    default = synthetic.CorpusSettings()
    others = [
        synthetic.CorpusSettings(2000),
        synthetic.CorpusSettings(n_test=840),
        synthetic.CorpusSettings(seed=1),
    ]
    assert len(others) == len(fields(synthetic.CorpusSettings))
    assert len({s.digest for s in [default, *others]}) == 4
    assert synthetic.CorpusSettings(3000, 800, 0).digest == default.digest


def test_digest_depends_on_the_code_and_not_on_comments(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "__file__", str(tmp_path / "settings.py"))

    def digest(text):
        (tmp_path / "a.py").write_text(text)
        return settings.code_digest.__wrapped__(("a.py",))

    code = digest('"""Doc."""\nLEVEL = 0.3  # why\n')
    assert digest('"""Doc."""\nLEVEL = 0.31  # why\n') != code
    assert digest('"""Another."""\nLEVEL = 0.3  # for\n') == code


def test_missing_packages_end_in_one_message(tmp_path, monkeypatch):
    actual = corpus.find_spec
    monkeypatch.setattr(corpus, "find_spec", lambda n: None if n == "lauscher" else actual(n))
    with pytest.raises(UserError, match="lauscher") as caught:
        synthetic.generate(synthetic.CorpusSettings(80, 40), tmp_path)
    assert "pip install" in str(caught.value)
    assert not list(tmp_path.iterdir())
