"""A JAX that adds up wrongly computes nothing that could be mistaken for a result."""

from snn import selftest


def test_nothing_is_computed_with_a_bad_jaxlib(toy, monkeypatch, capfd):
    message = selftest.known_fault("0.10.2")
    monkeypatch.setattr(selftest, "known_fault", lambda: message)
    before = toy.files()
    assert toy.run("figure=fig7/smoke") == 2
    error = capfd.readouterr().err
    assert "jaxlib 0.10.2 computes wrong sums" in error
    assert "make setup, or pip install jax==" in error
    assert not toy.keys() and toy.files() - before <= {"results", "results/cache"}


def test_what_is_in_the_cache_can_still_be_drawn(toy, monkeypatch, capfd):
    assert toy.run("figure=fig7/smoke") == 0
    monkeypatch.setattr(selftest, "known_fault", lambda: "jaxlib: pip install another")
    assert toy.run("figure=fig7/smoke") == 0
    assert "0 computed, 1 from the cache" in capfd.readouterr().out
