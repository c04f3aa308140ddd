"""The key of a result: parameters, and what computes it, by its bytes and versions of packages.

That is the experiment's module, what computes it, and all that they import, as `grimp` gives it.
A module counts as a whole, its comments with it, and so does the C++ source of its name.
"""

import hashlib
import json
import sys
from dataclasses import dataclass, is_dataclass
from functools import cache, cached_property
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import grimp
from omegaconf import OmegaConf

from experiments.engine.compute.provenance import NOT_INSTALLED, package_version
from experiments.engine.compute.runtime import counting
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import Runtime
from experiments.engine.declare.experiment import Experiment

COMPUTES = "experiments.engine.compute.runtime"
"""What sets JAX up and computes, whatever the project."""
ALWAYS = ("jax", "jaxlib", "numpy", "scipy")
"""Another version of these may give other numbers, some of them wrong ones: see `snn.selftest`.
JAX's linear algebra is SciPy's."""
DISTRIBUTIONS = {"PIL": "pillow", "hydra": "hydra-core", "yaml": "PyYAML"}
"""Packages that are imported by another name; to look one up takes a fifth of a second."""


@dataclass(eq=False)
class SourceIndex:
    """The imports of a project, found without importing it.

    Valid while no file changes.
    """

    project: Project

    @cached_property
    def roots(self) -> dict[str, Path]:
        """The folder in which each package lies: the project's, and the engine's."""
        rooms = [room.experiments.partition(".")[0] for room in self.project.rooms]
        own = dict.fromkeys((*rooms, *self.project.libraries), self.project.root)
        return {"experiments": Path(__file__).parents[3]} | own

    @cached_property
    def graph(self) -> grimp.ImportGraph:
        """Modules and imports, those of other packages by their names alone."""
        return grimp.build_graph(*self.roots, include_external_packages=True, cache_dir=None)

    @cache  # noqa: B019 - kept as long as the process, as are the sources that it tells of
    def source_hash(self, experiment: str) -> str:
        """Return a hash of all sources, and versions, that an experiment's module depends on."""
        digest = hashlib.sha256()
        for name in sorted(self.modules(experiment)):
            digest.update(f"{name} {self._module_hash(name)}\n".encode())
        for name in sorted(self.packages(experiment)):
            digest.update(f"{name} {package_version(name)}\n".encode())
        return digest.hexdigest()

    def modules(self, experiment: str) -> set[str]:
        """Return the modules behind an experiment, with the packages in which they lie."""
        found = {
            name for name in self._upstream(experiment) if name.partition(".")[0] in self.roots
        }
        parents = {name[:at] for name in found for at, char in enumerate(name) if char == "."}
        return found | parents

    def packages(self, experiment: str) -> set[str]:
        """Return the installed packages that these modules import, and those of all numbers."""
        found = {name.partition(".")[0] for name in self._upstream(experiment)}
        others = found - self.roots.keys() - sys.stdlib_module_names
        return set(ALWAYS).union(*map(distributions, others))

    def _upstream(self, experiment: str) -> set[str]:
        first = {experiment, COMPUTES}
        return first.union(*map(self.graph.find_upstream_modules, first))

    @cache  # noqa: B019 - as above
    def _module_hash(self, name: str) -> str:
        base = self.roots[name.partition(".")[0]] / name.replace(".", "/")
        package = base / "__init__.py"
        source = package if package.is_file() else base.with_suffix(".py")
        cpp = base.with_suffix(".cc")
        compiled = cpp.read_bytes() if cpp.is_file() else b""
        return f"{_hash(source.read_bytes())} {_hash(compiled)}"


def cache_key(experiment: Experiment, seed: int | None, source: str, runtime: Runtime) -> str:
    """Return the key of a result: a hash of all that can change its numbers.

    Args:
        experiment: The validated config; its list of seeds does not count, `seed` does.
        seed: The seed computed, or None without randomness.
        source: Hash of the sources and packages that the computation depends on.
        runtime: Platform and precision.
    """
    # Numbers take their declared type, so that 2 and 2.0 are one; dataclasses of equal fields are
    # told apart by their names.
    typed: Any = OmegaConf.to_container(OmegaConf.structured(experiment), enum_to_str=True)
    ignored = {"seeds", *experiment.NOT_IN_KEY}
    nodes = [node for node in (experiment, *vars(experiment).values()) if is_dataclass(node)]
    parts = {
        "config": {name: value for name, value in typed.items() if name not in ignored},
        "types": [f"{type(node).__module__}.{type(node).__qualname__}" for node in nodes],
        "seed": seed,
        "source": source,
        "inputs": experiment.input_digest(),
        "x64": runtime.x64,
        "platform": runtime.platform.name,
        "settings": counting(),
    }
    return _hash(json.dumps(parts, sort_keys=True).encode())


def _hash(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()


@cache
def distributions(module: str) -> tuple[str, ...]:
    """Return the installed packages, as "pillow", that a module, as "PIL", may come from."""
    name = DISTRIBUTIONS.get(module, module)
    if package_version(name) != NOT_INSTALLED or not find_spec(module):
        return (name,)
    return tuple(packages_distributions().get(module, [name]))
