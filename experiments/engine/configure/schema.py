"""Typed parameters of every run, and folder names made of them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from experiments.engine.configure.registry import Project
from experiments.engine.declare.bounds import check_ranges
from experiments.engine.declare.experiment import MAX_SEED, Experiment, param
from experiments.engine.errors import UserError

GROUPS = ("panels", "checks")
"""Groups of experiments in a run. Panels are drawn, checks are only computed."""

# Parameters that change no picture: where and how to compute.
NOT_THE_PRESET = (
    "compute",
    "results_dir",
    "name",
    "runtime",
    "runtime.platform",
    "runtime.compilation_cache",
    "data.folder",
    "data.download",
)

LONGEST = 80
"""Characters of a name; file systems allow 255, with the figure's name and suffixes."""
UNSAFE = re.compile(r"[^\w.,=+-]", re.ASCII)

Platform = Enum("Platform", ["cpu", "gpu"])
Compute = Enum("Compute", ["auto", "always", "never"])


@dataclass
class Runtime:
    """Where and how precisely to compute."""

    platform: Platform = param(Platform.cpu, "device to compute on")
    x64: bool = param(True, "compute in double precision")
    compilation_cache: bool = param(True, "keep compiled code in the user's cache folder")


@dataclass
class DataSet:
    """The data set of a run; experiments with a data set take their parameters from here."""

    name: str = param("fixture", "name of a data set in docs/data.md")
    folder: str = param("", "folder of its files; empty for the default")
    download: bool = param(False, "allow a download of the published set")
    n_classes: int = param(20, "number of classes of your own data", low=2)
    n_channels: int = param(700, "number of channels of your own data", low=1, high=2**16 - 1)
    n_train: int | None = param(None, "utterances for training and validation; null for all", low=2)
    n_test: int | None = param(None, "utterances for testing; null for all", low=1)
    seed: int = param(0, "seed for the generated data and the split", low=0, high=MAX_SEED)


@dataclass
class Root:
    """The whole configuration of a run.

    The figure draws `panels`. It does not draw `checks`, whose numbers are only reported.
    """

    panels: dict[str, Experiment] = field(default_factory=dict)
    checks: dict[str, Experiment] = field(default_factory=dict)
    # Parameters of every panel and check, which `compose.plan` sets there.
    all: dict[str, Any] = field(default_factory=dict)
    runtime: Runtime = field(default_factory=Runtime)
    data: DataSet = field(default_factory=DataSet)
    seeds: list[int] = param(
        [0], "seeds of every experiment with randomness", low=0, high=MAX_SEED, distinct=True
    )
    compute: Compute = param(
        Compute.auto, "auto: reuse the cache; always: recompute; never: only redraw"
    )
    results_dir: str = param("results", "folder for results, from the repository root")
    name: str = param("", "name of the run's folder; if empty, changed parameters name it")

    @property
    def experiments(self) -> dict[str, Experiment]:
        """Panels and checks by name."""
        return self.panels | self.checks

    @property
    def places(self) -> dict[str, Experiment]:
        """Panels and checks by key, as "panels.draws"."""
        return {f"{kind}.{name}": x for kind in GROUPS for name, x in getattr(self, kind).items()}

    def check(self) -> None:
        """Check the run's own parameters, then those of each experiment.

        Raises:
            UserError: For the first wrong value.
        """
        check_ranges(self, "")
        if not isinstance(self.seeds, list):  # not checked after interpolation
            fix = f"seeds=[{self.seeds}]"
            raise UserError("seeds has the wrong type", self.seeds, "a list of integers", fix)
        if not self.results_dir.strip():
            got = repr(self.results_dir)
            raise UserError("results_dir is empty", got, "a folder", "results_dir=results")
        _check_name(self.name)
        if both := sorted(self.panels.keys() & self.checks.keys()):
            what, got = "a panel and a check have one name", ", ".join(both)
            expected = "different names, by which their numbers are reported"
            raise UserError(what, got, expected, f"rename checks.{both[0]}")
        for path, experiment in self.places.items():
            experiment.check(path)
            if experiment.NEEDS_X64 and not self.runtime.x64:
                what = f"{path} has to be computed in double precision"
                raise UserError(what, "runtime.x64=false", "runtime.x64=true", "leave it out")


def register(project: Project) -> None:
    """Register the schema with Hydra, and presets without a file of their own."""
    # Imported here: reading a run needs no Hydra.
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    # Presets of a project that was registered before.
    store.repo.pop("figure", None)
    store.store(name="root_schema", node=Root)
    for figure, presets in project.presets().items():
        for preset in presets:
            choice = f"{figure}/{preset}"
            if (written := project.written(choice)) != choice:
                node = {"defaults": [f"/figure/{written}"]}
                store.store(preset, node, group=f"figure/{figure}", package="_global_")


@dataclass(frozen=True)
class RunRequest:
    """The parameters of a run, without its numbers.

    Attributes:
        figure: As "fig4".
        preset: As "quick".
        overrides: The overrides, without the choice of the figure.
        modified: The overrides that a picture depends on, as "key=value".
        config: The whole configuration, as plain values.
    """

    figure: str
    preset: str
    overrides: tuple[str, ...]
    modified: tuple[str, ...]
    config: Any

    @property
    def name(self) -> str:
        """The run's name, by default its changed parameters; empty for an unchanged preset."""
        return self.config.get("name") or own_name(self.modified)

    @property
    def title(self) -> str:
        """Figure, preset and name, as "fig5/smoke, published.radius=1.0"."""
        return f"{self.figure}/{self.preset}" + (f", {self.name}" if self.name else "")

    @property
    def stamp(self) -> str:
        """The preset and changed parameters, which the figure prints; empty for plain "paper"."""
        parts = [] if self.preset == "paper" else [f"preset: {self.preset}"]
        if self.modified:
            parts.append("modified: " + ", ".join(self.modified))
        if kept := self.own_seeds:
            parts.append(f"{', '.join(kept)}: the preset's seeds")
        return "   ".join(parts)

    @property
    def own_seeds(self) -> list[str]:
        """Panels and checks with their own seeds in a run with changed seeds."""
        changed = next((item for item in self.modified if item.startswith("seeds=")), "")
        nodes = {
            f"{kind}.{n}": own for kind in GROUPS for n, own in self.config.get(kind, {}).items()
        }
        return [
            name.partition(".")[2]
            for name, own in nodes.items()
            if changed and own.get("seeds", self.config["seeds"]) != self.config["seeds"]
            if not any(x.startswith((f"{name}.seeds=", "all.seeds=")) for x in self.modified)
        ]

    @property
    def folder(self) -> Path:
        """The run's folder below the results."""
        return Path(self.preset) / "-".join(filter(None, (self.figure, self.name)))

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the numbers by dotted name; a panel's seeds only if they differ."""
        shared = self.config.get("seeds")
        return {
            name: value
            for name, value in leaves(self.config).items()
            if name not in NOT_THE_PRESET and not (name.endswith(".seeds") and value == shared)
        }


def own_name(modified: Sequence[str]) -> str:
    """Return a folder name for changed parameters, valid in shells and file systems.

    Other changes give another name: a hash replaces characters that are left out.

    Args:
        modified: Changed parameters, as "panels.published.radius=1.0".

    Returns:
        As "published.radius=1.0".
    """
    joined = "+".join(re.sub(r"^(panels|checks)\.", "", item) for item in modified)
    # A list needs no brackets here: a parameter is always a list, or never.
    plain = re.sub(r"=\[([^\[\]]*)\]", r"=\1", joined)
    safe = UNSAFE.sub("_", plain)
    if safe == plain and len(safe) <= LONGEST:
        return safe
    digest = hashlib.sha256("\n".join(modified).encode()).hexdigest()[:8]
    return f"{safe[: LONGEST - 9]}-{digest}"


def _check_name(name: str) -> None:
    """Raise `UserError` for a run's name that cannot be part of a folder name."""
    # A name made of changed parameters contains "=".
    if UNSAFE.search(name) or "=" in name or len(name) > LONGEST or name[:1] in (*"-.",):
        expected = f"at most {LONGEST} letters, digits and any of _ . , + -, no . or - first"
        safe = UNSAFE.sub("-", name).replace("=", "-").lstrip("-.")[:LONGEST] or "mine"
        raise UserError("name cannot be part of a folder's name", name, expected, f"name={safe}")


def leaves(config: Any, path: str = "") -> dict[str, Any]:
    """Return the values of a configuration, given as nested dictionaries, by dotted key."""
    values: dict[str, Any] = {}
    for key, value in config.items():
        inner = isinstance(value, dict)
        values |= leaves(value, f"{path}{key}.") if inner else {f"{path}{key}": value}
    return values
