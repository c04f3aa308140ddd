"""Make one line of the machinery wrong after the other: a test must notice."""

from tests.mutations.test_mutations import survivors


def test_machinery(tmp_path):
    assert not survivors("machinery", tmp_path)
