"""Real runs of a figure are ended by signals, killed, and their results damaged."""

import re

from scripts import survive


def test_a_figure_survives_signals_kills_and_damage(capfd):
    assert survive.main(["--figure", "fig1", "--rounds", "1", "--bytes", "100"]) == 0
    out = capfd.readouterr().out
    missed = re.search(r"bytes: 100 inverted, (\d+) misses, 0 other numbers", out)
    assert missed and int(missed[1]) > 50
    assert "round 0: the same bits" in out and out.count("1 tried, 1 survived") == 3
