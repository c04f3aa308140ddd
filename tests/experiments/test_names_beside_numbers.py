"""Committed arrays: read by the names beside them, and with what follows from all seeds."""

import numpy as np
import pytest

from tests.experiments.planned import PROJECT, committed_run, numbers_of


def lists_of_names(experiment):
    """Fields that name what is compared, such as estimators, surrogates or methods."""
    values = experiment.model_dump()
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, list) and len(value) > 1 and isinstance(value[0], str)
    }


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_committed_numbers_say_the_same_under_todays_list_and_a_newer_one(figure):
    panels, committed = committed_run(figure).panels, numbers_of(figure)
    # Panels that no caption names have no committed arrays.
    assert committed.keys() <= panels.keys()
    for panel, arrays in committed.items():
        now = panels[panel]
        # Another order, and one name more than there are numbers.
        newer = {name: [*value[::-1], value[0]] for name, value in lists_of_names(now).items()}
        later = now.model_copy(update=newer)
        if newer:
            # Compared as text: a number that does not exist is NaN, which equals nothing.
            assert str(later.summary(arrays)) == str(now.summary(arrays)), panel
        for name, values in [*now.pooled(arrays).items(), *later.pooled(arrays).items()]:
            if values.dtype.kind in "US":
                np.testing.assert_array_equal(values, arrays[name], err_msg=f"{panel} {name}")
            else:
                np.testing.assert_allclose(values, arrays[name], 1e-12, err_msg=f"{panel} {name}")
