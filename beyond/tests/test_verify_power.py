"""`make verify` catches a smoothed derivative that is off by 5 %, by numbers and claim."""

import snn
from tests.experiments.replication.test_verify_power import (
    as_verified,  # noqa: F401 - a fixture
    assert_caught,
)


def test_a_derivative_off_by_five_percent_is_caught(monkeypatch, as_verified):  # noqa: F811
    number = "fig8.identities.two_sided_minus_reinmax"
    assert_caught(snn.coupling.TwoSided, "weighted_slope", number, "E3a", monkeypatch)
