"""Runs and numbers of this project, composed and read once for all tests: do not change them."""

from functools import cache

from experiments.engine.configure.compose import Plan, experiments_of, plan, preset_plan
from experiments.engine.configure.registry import Project
from experiments.engine.declare.experiment import Data, Experiment
from experiments.replication.goldens import committed_arrays

PROJECT = Project()


@cache
def planned(*overrides: str) -> Plan:
    """Return the plan of a run."""
    if len(overrides) == 1:  # shared with the pages and tables that read experiments of presets
        return preset_plan(PROJECT, overrides[0].removeprefix("figure="))
    return plan(PROJECT, overrides)


def committed_run(figure: str) -> Plan:
    """Return the plan of the preset whose numbers are committed."""
    return planned(f"figure={figure}/{PROJECT.committed_preset(figure)}")


@cache
def used_experiments() -> dict[str, type[Experiment]]:
    """Return the experiments that presets name, by the names of their modules."""
    choices = [f"{figure}/{x}" for figure, presets in PROJECT.presets().items() for x in presets]
    written = [choice for choice in choices if PROJECT.written(choice) == choice]
    used = [x for choice in written for x in experiments_of(PROJECT, choice).values()]
    return {x.__module__.rpartition(".")[2]: x for x in used}


@cache
def numbers_of(figure: str) -> dict[str, Data]:
    """Return the committed numbers of a figure, by panel."""
    return committed_arrays(PROJECT, figure)
