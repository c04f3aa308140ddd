"""Keys of results: a hash of parameters, code, inputs, settings and versions of packages.

The code is the experiment's module and the modules it imports, found by `grimp`; the whole core;
and the modules of the engine that touch numbers. `sources` computes the hash of each file.
"""

import hashlib
import json
import sys
from dataclasses import dataclass, field, is_dataclass
from functools import cache, cached_property
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import grimp
from omegaconf import OmegaConf

import experiments
from experiments.engine.compute.provenance import NOT_INSTALLED, package_version
from experiments.engine.compute.runtime import counting
from experiments.engine.compute.sources import code_hash, is_newer, refuse_newer, refuse_stale
from experiments.engine.configure.registry import Project
from experiments.engine.configure.schema import Runtime
from experiments.engine.declare.experiment import Experiment
from experiments.engine.errors import UserError

ENGINE = "experiments.engine"
NUMERIC = {
    f"{ENGINE}.declare.experiment",
    f"{ENGINE}.compute.checkpoint",
    f"{ENGINE}.compute.runtime",
    f"{ENGINE}.compute.speed",
}
"""Modules of the engine that can change a number: the base of experiments, checkpoints of killed
trainings, the module that sets JAX up and computes, and settings of the compiler."""
ALWAYS = ("jax", "jaxlib", "numpy", "scipy")
"""Packages in the key of every result. Some versions compute wrong numbers (see `snn.selftest`).
JAX takes its linear algebra from SciPy."""
DISTRIBUTIONS = {
    "PIL": "pillow",
    "hydra": "hydra-core",
    "snn": "snn-surrogate",
    "yaml": "PyYAML",
}
"""Installed packages by the names of their modules. A lookup would take a fifth of a second."""


@dataclass(eq=False)
class SourceIndex:
    """The sources of a project's results: which files count, and their hashes.

    Each file is read once, so that an edit after that changes no key in this process.

    Attributes:
        project: Where experiments lie.
        started: Seconds since 1970; sources that are newer are refused.
    """

    project: Project
    started: float = experiments.STARTED
    _before_import: set[str] = field(default_factory=set, init=False)

    @cached_property
    def roots(self) -> dict[str, Path]:
        """The parent folder of each package of the project and of the engine."""
        rooms = [room_of(room.experiments) for room in self.project.rooms]
        own = dict.fromkeys((*rooms, *self.project.libraries), self.project.root)
        return {"experiments": Path(__file__).parents[3]} | own

    @cache  # noqa: B019 - kept as long as the process, as are the sources
    def graph(self, room: str) -> grimp.ImportGraph:
        """Return the graph of imports; packages outside the graph are nodes without imports.

        Args:
            room: Package of the experiment's room. Other rooms than the first are left out: no
                other room may import them.
        """
        packages = self._packages(room)
        return grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)

    @cache  # noqa: B019 - as above
    def source_hash(self, experiment: str) -> str:
        """Return a hash of the sources and package versions behind an experiment.

        Args:
            experiment: The module's name.

        Raises:
            UserError: If a source is newer than this process, or Python runs older byte code.
        """
        digest = hashlib.sha256()
        for name in sorted(self.modules(experiment)):
            digest.update(f"{name} {self._module_hash(name)}\n".encode())
        for name in sorted(self.packages(experiment)):
            digest.update(f"{name} {package_version(name)}\n".encode())
        return digest.hexdigest()

    @cache  # noqa: B019 - as above
    def modules(self, experiment: str) -> frozenset[str]:
        """Return the names of the modules behind an experiment, with their parent packages."""
        graph, packages = self.graph(room_of(experiment)), self._packages(room_of(experiment))

        def counts(name: str) -> bool:
            if f"{name}.".startswith(f"{ENGINE}."):
                return name in NUMERIC
            return name.partition(".")[0] in packages

        counted: set[str] = set()
        following = {experiment, *NUMERIC}
        while following:
            name = following.pop()
            counted.add(name)
            imported = graph.find_modules_directly_imported_by(name)
            following |= set(filter(counts, imported)) - counted
        parents = {name[:at] for name in counted for at, char in enumerate(name) if char == "."}
        # All modules of the libraries, imported or not.
        core = {x for x in graph.modules if x.partition(".")[0] in self.project.libraries}
        return frozenset(counted | set(filter(counts, parents)) | core)

    def packages(self, experiment: str) -> set[str]:
        """Return the installed packages behind an experiment.

        Raises:
            UserError: If one of its modules imports a module of the project that no key counts.
        """
        imported, room = set(), room_of(experiment)
        own = {*self._packages(room), *sys.stdlib_module_names}
        for module in self.modules(experiment):
            for name in self.graph(room).find_modules_directly_imported_by(module):
                package = name.partition(".")[0]
                if package not in own:
                    self._refuse_unknown(package, module)
                    imported.add(package)
        return set(ALWAYS).union(*map(distributions, imported))

    def edited(self, experiment: str) -> list[Path]:
        """Return the sources whose code has changed since this index took their hashes."""
        newer = [
            name
            for name in sorted(self.modules(experiment))
            if is_newer(self._file(name), experiments.STARTED)
        ]
        return [
            self._file(name)
            for name in newer
            if code_hash(self._file(name)) != self._module_hash(name)
        ]

    def refuse_imported_since(self, experiment: str) -> None:
        """Raise `UserError` if a module was edited between hash and import."""
        for name in self._before_import & self.modules(experiment) & sys.modules.keys():
            refuse_newer(self._file(name), self.started)

    def _packages(self, room: str) -> list[str]:
        """Return the packages whose modules the experiments of a room may import."""
        others = {room_of(each.experiments) for each in self.project.rooms[1:]} - {room}
        return [name for name in self.roots if name not in others]

    @cache  # noqa: B019 - as above
    def _module_hash(self, name: str) -> str:
        path = self._file(name)
        if name not in sys.modules:
            self._before_import.add(name)
        digest = code_hash(path)
        refuse_newer(path, self.started)
        refuse_stale(path)
        return digest

    def _file(self, name: str) -> Path:
        """Return the file that a module was imported from, or will be."""
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            return Path(file)
        base = self.roots[name.partition(".")[0]] / name.replace(".", "/")
        package = base / "__init__.py"
        return package if package.is_file() else base.with_suffix(".py")

    def _refuse_unknown(self, package: str, importer: str) -> None:
        place = self.project.root / package
        if place.is_dir() or place.with_suffix(".py").is_file():
            packages = ", ".join(sorted(self.roots.keys() - {package}))
            raise UserError(
                f"{importer} imports {package}, the source of which is in no key",
                place,
                f"a module of {packages}, or an installed package",
                f"move what {importer} needs into one of them",
            )


def room_of(module: str) -> str:
    """Return the top package of a module, as "beyond" of "beyond.experiments.atlas"."""
    return module.partition(".")[0]


def cache_key(experiment: Experiment, seed: int | None, source: str, runtime: Runtime) -> str:
    """Return the key of a result, a hash of everything that can change a number.

    Args:
        experiment: The validated config. Its list of seeds does not count.
        seed: The seed of the result; None without randomness.
        source: Hash of the sources and packages that the computation depends on.
        runtime: Platform and precision.
    """
    # Numbers take their declared type: 2 and 2.0 are the same parameter. The names of the types
    # distinguish dataclasses with equal fields.
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
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def distributions(module: str) -> tuple[str, ...]:
    """Return the installed packages, as "pillow", that a module, as "PIL", may come from."""
    name = DISTRIBUTIONS.get(module, module)
    if package_version(name) != NOT_INSTALLED or not find_spec(module):
        return (name,)
    return tuple(packages_distributions().get(module, [name]))


@cache
def sources_of(project: Project) -> SourceIndex:
    """Return this process's index of a project's sources."""
    return SourceIndex(project)
