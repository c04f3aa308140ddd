"""The explorers in a browser, as the companion's tests have them."""

from tests.explorers.conftest import *  # noqa: F403
