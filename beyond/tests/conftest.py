"""The settings and fixtures of the companion's tests."""

from tests.conftest import *  # noqa: F403
