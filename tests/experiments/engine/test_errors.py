"""Mistakes in processes of their own; all others: test_refusals.py."""

import pickle

from experiments.engine.errors import UserError


def test_platform_that_is_not_there(toy):
    process = toy.spawn("figure=fig7/smoke", "runtime=gpu")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 2
    assert err.splitlines()[0] == "error: the platform gpu is not available"
    assert len(err.splitlines()) <= 4 and out == ""


def test_error_survives_the_way_back_from_a_parallel_launcher():
    error = UserError("what", "got", "expected", "fix")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
