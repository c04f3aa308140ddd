"""Numbers in figures: a true minus, powers of ten, fractions."""

import pytest

from figures.looks import ratio
from figures.numerals import printed


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (-0.5, "g", "−0.5"),
        (0.0259, "+.3g", "+0.0259"),
        (4.4e-16, ".0e", "4 · 10⁻¹⁶"),
        (-1.6e7, ".1e", "−1.6 · 10⁷"),
        (1000, "g", "1000"),
    ],
)
def test_numbers_have_a_true_minus_and_powers_of_ten(value, form, text):
    assert printed(value, form) == text


def test_fractions_have_one_style():
    assert [ratio(x) for x in (0.0625, 0.25, 0.5, 1.0, 4.0)] == ["1/16", "1/4", "1/2", "1", "4"]
