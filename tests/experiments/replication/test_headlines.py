"""The headline numbers of figures 1 to 5 are the committed ones, which CI computes anew."""

import re

import pytest

from experiments.engine.config import Project
from experiments.replication.goldens import read

PROJECT = Project()
HEADLINES = {
    "fig2": {
        "lif.marginal[exact]": "{:+.3f}",
        "lif.marginal[sg]": "{:+.3f}",
    },
    "fig3": {
        "estimators.relative_bias[surrogate]": "{:.0%}",
        "choice.median_relative_bias": "{:.1%}",
        "choice.share_with_wrong_sign": "{:.0%}",
    },
    "fig4": {
        "along_w.wrong_sign_fraction[15]": "{:.2%}",
        "stochastic.exact": "{:+.4f}",
        "stochastic.expected_sg": "{:+.4f}",
    },
    "fig5": {f"published.sg_loop[{beta}]": "{:+.6f}" for beta in (1, 5, 20)},
}


@pytest.mark.parametrize("figure", HEADLINES)
def test_a_headline_is_what_is_committed(figure):
    page = (PROJECT.root / "docs" / "figures.md").read_text()
    row = re.search(rf"^\| {figure[3:]} \| `make .*$", page, re.MULTILINE)
    assert row
    words = row[0].replace("\N{MINUS SIGN}", "-").replace(" %", "%")
    quantities = read(PROJECT.golden(figure)).quantities
    for name, form in HEADLINES[figure].items():
        number = form.format(quantities[name].value).removeprefix("+")
        assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", words), (name, number)
