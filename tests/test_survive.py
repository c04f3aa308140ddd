"""Real runs of a figure are ended by signals, killed, and their results damaged."""

import re

from scripts import survive


def test_a_figure_survives_signals_kills_and_damage(capfd):
    given = ["--figure", "fig1", "--signals", "2", "--kills", "1", "--bytes", "100"]
    assert survive.main(given) == 0
    out = capfd.readouterr().out
    missed = re.search(r"bytes: 100 inverted, (\d+) misses, 0 other numbers", out)
    assert missed and int(missed[1]) > 50
    assert "signals: 2 tried, 2 survived" in out and "kills: 1 tried, 1 survived" in out
    assert out.count("numbers afterwards the same") == 2
