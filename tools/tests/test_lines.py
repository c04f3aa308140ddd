"""The table of lines to train with: widths as in the libraries, and equal pages."""

import json
from pathlib import Path

import pytest

from snn_tools.shared.lines import LINES, surrogate_line

ROOT = Path(__file__).parents[1]
AUDIT = json.loads((ROOT / "docs" / "audit.json").read_text())

HALF_PER_WIDTH = {"snn": 2.414, "snntorch": 2.414, "spikingjelly": 2.414, "norse": 0.6232}
"""Middle half of the integral over the full width at half maximum: SuperSpike, and norse's tanh."""


@pytest.mark.parametrize("library", LINES)
def test_widths_are_those_of_the_installed_libraries(library):
    line = LINES[library]
    (function,) = (f for f in AUDIT[library]["functions"] if f["name"] == line.name)
    p = float(function["call"].rpartition("=")[2].rpartition(", ")[2].strip(")"))
    half = function["shape"]["width"] * HALF_PER_WIDTH[library]
    assert half * p == pytest.approx(line.half, rel=2e-3)


def test_lines_are_written_in_the_language_of_the_library():
    assert surrogate_line(0.2, "snntorch") == "snntorch.surrogate.fast_sigmoid(slope=10)"
    assert surrogate_line(0.2, "") == "1 / (1 + 10 |v|)^2"


def training(page):
    return (ROOT.parent / page).read_text().partition("<!-- training -->")[2].partition("<!--")[0]


@pytest.mark.skipif(not (ROOT.parent / "beyond").is_dir(), reason="beyond is not there")
def test_both_pages_have_the_rows_and_the_lines_of_the_table():
    """README has two rows, with snnTorch's line for most users: deterministic, several layers."""
    table = training("README.md")
    assert set(table.splitlines()) <= set(training("beyond/docs/which_gradient.md").splitlines())
    (row,) = (line for line in table.splitlines() if "without noise, several layers" in line)
    assert f"`{surrogate_line(0.2, 'snntorch')}`" in row
