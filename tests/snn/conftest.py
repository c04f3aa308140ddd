"""Fixtures of the core's tests."""

import jax
import pytest


@pytest.fixture
def quick_compilation():
    """Compiles with few optimisations: half the time where many programs run once each."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
