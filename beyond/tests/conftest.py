"""The settings and fixtures of the companion's tests."""

import matplotlib.pyplot as plt
import pytest

from tests.conftest import *  # noqa: F403


@pytest.fixture(autouse=True)
def figures_are_closed():
    yield
    plt.close("all")
