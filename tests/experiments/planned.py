"""Runs and numbers of this project, composed and read once for all tests: do not change them."""

from functools import cache

from experiments.engine.configure.compose import Plan, plan
from experiments.engine.configure.registry import Project
from experiments.engine.declare.experiment import Data
from experiments.replication.goldens import committed_arrays

PROJECT = Project()


@cache
def planned(*overrides: str) -> Plan:
    """Return the plan of a run."""
    return plan(PROJECT, overrides)


def committed_run(figure: str) -> Plan:
    """Return the plan of the preset whose numbers are committed."""
    return planned(f"figure={figure}/{PROJECT.committed_preset(figure)}")


@cache
def numbers_of(figure: str) -> dict[str, Data]:
    """Return the committed numbers of a figure, by panel."""
    return committed_arrays(PROJECT, figure)
