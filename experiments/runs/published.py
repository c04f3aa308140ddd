"""A run as it lies in its folder, and how a user names it."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import OmegaConf

from experiments.engine.base import Data, Quantity
from experiments.engine.compose import NOT_THE_PRESET
from experiments.engine.errors import UserError, nearest
from experiments.engine.naming import read_record
from experiments.engine.publish import shown
from experiments.engine.registry import Project
from experiments.engine.translate import flatten
from figures.drawing import unpack


@dataclass(frozen=True)
class Published:
    """A run, read from the folder that `publish` filled.

    Attributes:
        folder: Its folder.
        record: The content of its meta.json.
    """

    folder: Path
    record: dict[str, Any]

    @property
    def figure(self) -> str:
        """As "fig5"."""
        return self.record["figure"]

    @property
    def preset(self) -> str:
        """As "smoke"."""
        return self.record["preset"]

    @property
    def name(self) -> str:
        """What sets it apart from its preset; empty for a run of the preset as it is."""
        return self.folder.name.removeprefix(self.figure).removeprefix("-")

    @property
    def title(self) -> str:
        """As "fig5/smoke, published.radius=1.0"."""
        return f"{self.figure}/{self.preset}" + (f", {self.name}" if self.name else "")

    @property
    def summary(self) -> dict[str, Quantity]:
        """Its quantities by "panel.name"."""
        return {name: Quantity(**fields) for name, fields in self.record["summary"].items()}

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of all parameters by name; seeds of a panel only where they are its own."""
        return leaves(self.record["config"])

    @property
    def parts(self) -> list[dict[str, Any]]:
        """How each panel and seed was computed."""
        experiments = (self.record["panels"] | self.record.get("checks", {})).values()
        return [record for seeds in experiments for record in seeds]

    @property
    def pictures(self) -> list[Path]:
        """Its PNG, and that of the supplement."""
        return sorted(self.folder.glob(f"{self.figure}*.png"))

    @cached_property
    def data(self) -> dict[str, Data]:
        """Its arrays by panel and name."""
        found: dict[str, Data] = {}
        for name in (self.figure, "checks"):
            path = self.folder / f"{name}.npz"
            if path.is_file():
                with np.load(path, allow_pickle=False) as file:
                    found |= unpack(file)[0]
        return found


def leaves(config: dict[str, Any]) -> dict[str, Any]:
    """The values of a configuration by dotted names, without what the results do not depend on."""
    shared = config.get("seeds")
    return {
        name: value
        for name, value in flatten(OmegaConf.create(config)).items()
        if name not in NOT_THE_PRESET and not (name.endswith(".seeds") and value == shared)
    }


def _age(run: Published) -> tuple[str, int]:
    """When it was published: records tell seconds, files which of two was later."""
    return run.record["timestamp"], (run.folder / "meta.json").stat().st_mtime_ns


def published(results: Path) -> list[Published]:
    """Every run in a folder of results, by figure, the newest first; those of sweeps left out."""
    folders = [path.parent for path in results.glob("*/fig*/meta.json")]
    runs = [Published(folder, record) for folder in folders if (record := read_record(folder))]
    runs.sort(key=_age, reverse=True)
    return sorted(runs, key=lambda run: (len(run.figure), run.figure))


def find(project: Project, text: str, usage: str) -> Published:
    """The run that a user names.

    Args:
        project: Where results lie.
        text: A run's folder, its path below results/, a file in it, or a preset, as "fig5/smoke".
        usage: What to type, for the error.

    Raises:
        UserError: If there is no such run.
    """
    results = project.root / "results"
    candidates = [Path(text), results / text] if text.strip() else []
    preset = re.fullmatch(r"(?P<figure>fig\d+)/(?P<preset>\w+)", text)
    if preset:
        candidates.append(results / preset["preset"] / preset["figure"])
    for path in candidates:
        folder = path.parent if path.is_file() else path
        if record := read_record(folder):
            return Published(folder, record)
    names = [shown(run.folder) for run in published(results)]
    # A preset's own folder, which `make figure-N` fills.
    preset = preset or re.fullmatch(r"(?:results/)?(?P<preset>\w+)/(?P<figure>fig\d+)/?", text)
    what = "there is no such run" if text else "no run is named"
    if preset or not names:
        figure, name = (preset["figure"], preset["preset"]) if preset else ("fig5", "smoke")
        expected, fix = "a run that was made", f"make figure-{figure[3:]} PRESET={name}"
    else:
        expected = f"a run's folder, one of {', '.join(names)}"
        fix = usage.replace("{}", nearest(text, names) or names[0])
    raise UserError(what, text or "nothing", expected, fix)
