"""Runs of this project as they are planned, composed once for all tests: do not change them."""

from functools import cache

from experiments.engine.compose import Plan, plan
from experiments.engine.registry import Project

PROJECT = Project()


@cache
def planned(*overrides: str) -> Plan:
    """Return the plan of a run."""
    return plan(PROJECT, overrides)
