"""A budget is seconds of the clock, or a text."""

import pytest

from snn_tools.shared.budget import Clock, seconds


@pytest.mark.parametrize(
    ("budget", "value"),
    [("30s", 30), ("1min", 60), (" 2 m", 120), ("0.5h", 1800), (7, 7), ("4", 4)],
)
def test_a_budget_is_read(budget, value):
    assert seconds(budget) == value


@pytest.mark.parametrize("budget", ["soon", "-1s", 0, "1 parsec", ""])
def test_other_budgets_are_refused(budget):
    with pytest.raises(ValueError, match="budget: got .*expected a positive number of seconds"):
        seconds(budget)


def test_a_clock_counts_down(monkeypatch):
    now = iter([10.0, 13.0, 16.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    clock = Clock("5s")
    assert clock.elapsed() == 3 and clock.left() == -1
