"""Methods and their names: each gives the other back, and figures read the same parts."""

from dataclasses import replace

import pytest

from beyond.experiments.methods import Method
from beyond.figures.looks import has_default_budget
from experiments.estimators import CATALOGUE, estimator
from figures.looks import slope_of
from scripts.redraw import PROJECT
from tests.test_looks import names_in_numbers


def test_a_name_is_that_of_the_method_of_that_name():
    names = {*CATALOGUE, *names_in_numbers(PROJECT.presets())}
    assert names == {Method.from_name(name).name for name in names}


def test_parts_are_told_apart():
    through = Method("surrogate", 0.25, "through")
    assert Method.from_name("surrogate_through_x0.25") == through
    assert Method.from_name("surrogate_super_spike_x4") == Method("surrogate_super_spike", 4.0)
    assert Method.from_name("surrogate_through_one") == replace(through, slope=1.0, runs=0)
    # Not a reset, and not the end of a name that has one.
    assert Method.from_name("smoothed_straight_through") == Method("smoothed_straight_through")
    assert Method.from_name("super_spike") == Method("super_spike")


def test_parts_without_a_name_are_refused():
    with pytest.raises(ValueError, match="no name for Method"):
        Method("mean_field", reset="through")


def test_the_catalogue_makes_what_the_parts_say():
    for name in CATALOGUE:
        method = Method.from_name(name)
        if method.slope != 1:
            flat = replace(method, slope=1.0).name
            made, matched = (estimator(n, beta=3.0) for n in (name, flat))
            assert made.derivative.beta == method.slope * matched.derivative.beta
            assert made.reset is matched.reset
        if method.estimator == "surrogate":
            assert estimator(name, beta=3.0).reset.__name__ == method.reset


def test_figures_read_the_parts_of_every_name():
    for name in {*CATALOGUE, *names_in_numbers(PROJECT.presets())}:
        method = Method.from_name(name)
        assert has_default_budget(name) == (method.runs == 1), name
        assert slope_of(replace(method, runs=1).name) == method.slope, name
