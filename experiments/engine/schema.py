"""The typed root of every configuration, and its registration with Hydra."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from hydra.core.config_store import ConfigStore

from experiments.engine.base import MAX_SEED, Experiment, param
from experiments.engine.bounds import check_ranges
from experiments.engine.errors import UserError
from experiments.engine.naming import check_name
from experiments.engine.registry import Project

Platform = Enum("Platform", ["cpu", "gpu"])
MAX_SEED_X32 = 2**32 - 1
"""JAX's keys hold no more of a seed in single precision."""
Compute = Enum("Compute", ["auto", "always", "never"])


@dataclass
class Runtime:
    """Where and how precisely to compute."""

    platform: Platform = param(Platform.cpu, "device to compute on")
    x64: bool = param(True, "compute in double precision")
    compilation_cache: bool = param(True, "keep compiled code in the results' cache")


@dataclass
class DataSet:
    """The data set of the experiments that need one; each takes its parameters from here."""

    name: str = param("fixture", "one of the sets of docs/data.md")
    folder: str = param("", "where its files are; empty for the usual place")
    download: bool = param(False, "whether the real set may be downloaded")
    n_classes: int = param(20, "number of classes of a set of one's own", low=2)
    n_channels: int = param(700, "number of channels of a set of one's own", low=1, high=2**16 - 1)
    n_train: int | None = param(None, "utterances to train and validate with; null for all", low=2)
    n_test: int | None = param(None, "utterances to test with; null for all", low=1)
    seed: int = param(0, "of the generated set, and of the split", low=0, high=2**32 - 1)


@dataclass
class Root:
    """The whole configuration of a run.

    What stands in `panels` is drawn. What stands in `checks` is not; numbers of it are reported.
    """

    panels: dict[str, Experiment] = field(default_factory=dict)
    checks: dict[str, Experiment] = field(default_factory=dict)
    # Parameters of every panel and check; `compose.plan` sets them there, and Hydra's sweepers look
    # for them here.
    all: dict[str, Any] = field(default_factory=dict)
    runtime: Runtime = field(default_factory=Runtime)
    data: DataSet = field(default_factory=DataSet)
    seeds: list[int] = param(
        [0], "seeds of every experiment with randomness", low=0, high=MAX_SEED, distinct=True
    )
    compute: Compute = param(Compute.auto, "auto: reuse the cache; always: not; never: only redraw")
    results_dir: str = param("results", "folder for results, from the repository root")
    name: str = param("", "of this run's folder; if empty, it is named by what was changed")

    @property
    def experiments(self) -> dict[str, Experiment]:
        """Panels and checks; their names differ."""
        return self.panels | self.checks

    def check(self) -> None:
        """Check the ranges of everything outside the experiments, then each experiment."""
        check_ranges(self, "")
        if not self.results_dir.strip():
            got = repr(self.results_dir)
            raise UserError("results_dir is empty", got, "a folder", "results_dir=results")
        check_name(self.name)
        if both := sorted(self.panels.keys() & self.checks.keys()):
            what, got = "a panel and a check have one name", ", ".join(both)
            expected = "different names, by which their numbers are reported"
            raise UserError(what, got, expected, f"rename checks.{both[0]}")
        for name, experiment in self.experiments.items():
            path = f"panels.{name}" if name in self.panels else f"checks.{name}"
            experiment.check(path)
            if experiment.NEEDS_X64 and not self.runtime.x64:
                what = f"{path} has to be computed in double precision"
                raise UserError(what, "runtime.x64=false", "runtime.x64=true", "leave it out")
            large = [seed for seed in experiment.seed_list if (seed or 0) > MAX_SEED_X32]
            if large and not self.runtime.x64:
                what = f"{path}.seeds are those of smaller seeds in single precision"
                expected = f"at most {MAX_SEED_X32} with runtime.x64=false"
                raise UserError(what, large[0], expected, f"seeds=[{large[0] % 2**32}]")


def register(project: Project, choice: str, experiments: Iterable[str]) -> None:
    """Register schemas with Hydra, and a preset, as "fig4/quick", that is read from a larger one.

    No other experiments than these are imported.
    """
    store = ConfigStore.instance()
    store.store(name="root_schema", node=Root)
    if (written := project.written(choice)) != choice:
        folder, _, name = f"figure/{choice}".rpartition("/")
        node = {"defaults": [f"/figure/{written}"]}
        store.store(group=folder, name=name, node=node, package="_global_")
    for name in sorted(experiments):
        store.store(name=name, group="experiment", node=project.schema(name))
