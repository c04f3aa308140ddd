"""The table of lines to train with: the width of the core's line, and equal pages."""

from pathlib import Path

import pytest

import snn
from snn_tools.jax.single_trials import shape_of
from snn_tools.shared.lines import LINES, surrogate_line

ROOT = Path(__file__).parents[2]


def test_the_width_is_that_of_the_core():
    shape = shape_of(snn.surrogate.SuperSpike(5.0), snn.escape.Sigmoid(1.0))
    assert shape.half * 5.0 == pytest.approx(LINES["snn"].half, rel=2e-3)


def training(page):
    return (ROOT / page).read_text().partition("<!-- training -->")[2].partition("<!--")[0]


@pytest.mark.skipif(not (ROOT / "beyond").is_dir(), reason="beyond is not there")
def test_both_pages_have_the_rows_and_the_lines_of_the_table():
    """README has two rows, with snnTorch's line for most users: deterministic, several layers."""
    table = training("README.md")
    assert set(table.splitlines()) <= set(training("beyond/docs/which_gradient.md").splitlines())
    (row,) = (line for line in table.splitlines() if "without noise, several layers" in line)
    assert f"`{surrogate_line(0.2, 'snntorch')}`" in row
