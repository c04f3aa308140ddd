"""What may be asked of a run: the typed root of every configuration, and what one has asked for."""

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
"""What a run computes: drawn, and not drawn."""

# These choose where and how to run, and do not change what the figure shows.
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
MAX_SEED_X32 = 2**32 - 1
"""JAX's keys hold no more of a seed in single precision."""
Compute = Enum("Compute", ["auto", "always", "never"])


@dataclass
class Runtime:
    """Where and how precisely to compute."""

    platform: Platform = param(Platform.cpu, "device to compute on")
    x64: bool = param(True, "compute in double precision")
    compilation_cache: bool = param(True, "keep compiled code in the user's cache folder")


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
    # Parameters of every panel and check, which `compose.plan` sets there.
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

    @property
    def places(self) -> dict[str, Experiment]:
        """Panels and checks by their keys, as "panels.draws"."""
        return {f"{of}.{name}": x for of in GROUPS for name, x in getattr(self, of).items()}

    def check(self) -> None:
        """Check the ranges of everything outside the experiments, then each experiment."""
        check_ranges(self, "")
        if not isinstance(self.seeds, list):  # OmegaConf does not check what an interpolation gives
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
            large = [seed for seed in experiment.seed_list if (seed or 0) > MAX_SEED_X32]
            if large and not self.runtime.x64:
                what = f"{path}.seeds are those of smaller seeds in single precision"
                expected = f"at most {MAX_SEED_X32} with runtime.x64=false"
                raise UserError(what, large[0], expected, f"seeds=[{large[0] % 2**32}]")


def register(project: Project) -> None:
    """Register the schema with Hydra, and each preset that is read from a larger one."""
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
    """What was asked for.

    Attributes:
        figure: As "fig4".
        preset: As "quick".
        overrides: What was given beside the figure.
        modified: Every "key=value" that was given and that a figure shows.
        config: The whole configuration, as plain values.
    """

    figure: str
    preset: str
    overrides: tuple[str, ...]
    modified: tuple[str, ...]
    config: Any

    @property
    def name(self) -> str:
        """Its own name, or what was given; empty for the preset alone."""
        return self.config.get("name") or own_name(self.modified)

    @property
    def title(self) -> str:
        """As "fig5/smoke, published.radius=1.0"."""
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
        """Panels and checks that keep their own seeds though those of the run were changed."""
        given = next((item for item in self.modified if item.startswith("seeds=")), "")
        nodes = {
            f"{kind}.{n}": of for kind in GROUPS for n, of in self.config.get(kind, {}).items()
        }
        return [
            name.partition(".")[2]
            for name, of in nodes.items()
            if given and of.get("seeds", self.config["seeds"]) != self.config["seeds"]
            if not any(x.startswith((f"{name}.seeds=", "all.seeds=")) for x in self.modified)
        ]

    @property
    def folder(self) -> Path:
        """Its folder below the results, one for all that can be given."""
        return Path(self.preset) / "-".join(filter(None, (self.figure, self.name)))

    @property
    def parameters(self) -> dict[str, Any]:
        """All that the numbers depend on, by dotted names; a panel's seeds where not the run's."""
        shared = self.config.get("seeds")
        return {
            name: value
            for name, value in leaves(self.config).items()
            if name not in NOT_THE_PRESET and not (name.endswith(".seeds") and value == shared)
        }


def own_name(modified: Sequence[str]) -> str:
    """Name what differs from a preset so that a shell and every file system can take it.

    Two sets of changes never share one: where characters are left out, a hash of all is put in.

    Args:
        modified: Every "key=value" that differs, as "panels.published.radius=1.0".

    Returns:
        As "published.radius=1.0".
    """
    joined = "+".join(re.sub(r"^(panels|checks)\.", "", item) for item in modified)
    # The brackets of a list say nothing: a parameter is a list, or it is none.
    plain = re.sub(r"=\[([^\[\]]*)\]", r"=\1", joined)
    safe = UNSAFE.sub("_", plain)
    if safe == plain and len(safe) <= LONGEST:
        return safe
    digest = hashlib.sha256("\n".join(modified).encode()).hexdigest()[:8]
    return f"{safe[: LONGEST - 9]}-{digest}"


def _check_name(name: str) -> None:
    """Refuse a user's name that cannot be part of a folder's; an empty one is none."""
    # Names of runs that have none of their own hold "=".
    if UNSAFE.search(name) or "=" in name or len(name) > LONGEST or name[:1] in (*"-.",):
        expected = f"at most {LONGEST} letters, digits and any of _ . , + -, no . or - first"
        safe = UNSAFE.sub("-", name).replace("=", "-").lstrip("-.")[:LONGEST] or "mine"
        raise UserError("name cannot be part of a folder's name", name, expected, f"name={safe}")


def leaves(config: Any, path: str = "") -> dict[str, Any]:
    """Return the values of a configuration, given as nested dictionaries, by dotted key."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        inner = isinstance(value, dict)
        found |= leaves(value, f"{path}{key}.") if inner else {f"{path}{key}": value}
    return found
