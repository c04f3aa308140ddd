"""The settings of the companion's tests."""

from tests.conftest import *  # noqa: F403
