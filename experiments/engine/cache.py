"""The cache: results on disk, their keys, checkpoints of long computations, and whole files."""

import ast
import fcntl
import hashlib
import json
import logging
import marshal
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.machinery import SourceFileLoader
from importlib.metadata import packages_distributions
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType
from typing import Any, TypeVar

import grimp
import numpy as np
import platformdirs

from experiments.engine import STARTED
from experiments.engine.config import Project, Runtime
from experiments.engine.errors import UserError
from experiments.engine.experiment import Data, Experiment
from experiments.engine.provenance import NOT_INSTALLED, package_version

PREFIX = ".tmp-"
ABANDONED_S = 24 * 3600.0
"""Age in seconds of temporary folders that are removed, as those of dead processes."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the system releases it even after SIGKILL.

    Args:
        folder: The folder; it is made if it does not exist.

    Yields:
        Nothing; the lock is released after the context.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # The generation of a data set takes minutes.
            logging.getLogger(__name__).warning("waiting for another process: %s", file.name)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def new_file(final: Path) -> Iterator[Path]:
    """Give the path of a temporary file to write, which then replaces the file `final`.

    The temporary file lies in a folder beside it: a rename is atomic within one file system.

    Args:
        final: The file to write or replace.

    Yields:
        The path of the temporary file. If the context fails, `final` stays unchanged.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    for folder in final.parent.glob(f"{PREFIX}*"):
        # Another process may have ended with its folder since it was listed.
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory(prefix=PREFIX, dir=final.parent, ignore_cleanup_errors=True) as folder:
        temporary = Path(folder, final.name)
        yield temporary
        # Flushed to disk first, so that a power cut leaves no empty file.
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, final)


def write_text(final: Path, text: str) -> None:
    """Write a text file, in place of the file that is there."""
    with new_file(final) as temporary:
        temporary.write_text(text)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file; empty if the file does not exist."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def user_cache(name: str) -> Path:
    """Return a folder of this project in the user's cache, such as ~/.cache/snn-surrogate/shd."""
    return Path(platformdirs.user_cache_dir("snn-surrogate"), name)


def private_cache(name: str) -> Path:
    """Make a folder in the user's cache for executable code, writable by the user alone.

    Args:
        name: Name of the folder below the user's cache.

    Returns:
        The folder.

    Raises:
        OSError: If the folder cannot be made, or belongs to another user.
    """
    folder = user_cache(name)
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise OSError(
            f"{folder} belongs to another user, whose code is not run: set XDG_CACHE_HOME to a "
            "folder of your own"
        )
    folder.chmod(0o700)
    return folder


def is_private(path: Path) -> bool:
    """Return whether a path is a file owned by this user and writable by nobody else."""
    status = path.lstat()
    others = stat.S_IWGRP | stat.S_IWOTH
    is_own = status.st_uid == os.getuid() and not status.st_mode & others
    return is_own and stat.S_ISREG(status.st_mode)


RECORD = "record.json"
"""Name of the record among a file's arrays."""
T = TypeVar("T")


class CorruptResult(Exception):
    """A stored result is damaged or has the wrong key; see the message."""


def checksum(data: Data) -> str:
    """Return a hash of arrays with their names, types and shapes."""
    digest = hashlib.sha256()
    for name in sorted(data):
        array = np.ascontiguousarray(data[name])
        digest.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def read_or_warn(path: Path, read: Callable[[], T], consequence: str) -> T | None:
    """Call a function that reads a file; if the file is damaged, warn and return None.

    Args:
        path: The file, for the warning.
        read: The function.
        consequence: What happens without the file, as "computed again".

    Returns:
        The function's result; None if the file is damaged.
    """
    try:
        return read()
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        fault = str(error) if isinstance(error, CorruptResult) else type(error).__name__
    logging.getLogger(__name__).warning("%s is damaged (%s): %s", path, fault, consequence)
    return None


def read_arrays(path: Path) -> Data:
    """Read the arrays of an .npz. A damaged file may raise any exception.

    Args:
        path: The file.

    Returns:
        The arrays by name.
    """
    # Opened here, as NumPy does not close a damaged file.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write_result(path: Path, data: Data, record: Mapping[str, Any]) -> None:
    """Write an .npz with arrays and their record.

    Args:
        path: The file, named by the key.
        data: Arrays by name.
        record: Entries that JSON can represent, among them "key".
    """
    with new_file(path) as temporary:
        text = np.array(json.dumps(record).encode())
        np.savez(temporary, allow_pickle=False, **data, **{RECORD: text})


def read_result(path: Path) -> tuple[Data, dict[str, Any]]:
    """Read what `write_result` wrote.

    Returns:
        Arrays by name, and their record.

    Raises:
        CorruptResult: If the key in the record differs from the file's name. A damaged file may
            raise any exception.
    """
    data = read_arrays(path)
    record = json.loads(data.pop(RECORD).item())
    if record["key"] != path.stem:
        raise CorruptResult(f"its key is {record['key']}")
    return data, record


@dataclass(frozen=True)
class Store:
    """Results on disk: a folder with one file per key."""

    folder: Path

    def path(self, key: str) -> Path:
        """Return the file of a result."""
        return self.folder / f"{key}.npz"

    def load(self, key: str) -> tuple[Data, dict[str, Any]] | None:
        """Load the arrays and the record of a result; None if it is missing or damaged.

        Args:
            key: Key of the result.

        Returns:
            The arrays by name and the record; None if the result is missing or damaged.
        """
        path = self.path(key)
        if not path.exists():
            return None
        return read_or_warn(path, lambda: read_result(path), "computed again")

    def save(self, data: Data, record: dict[str, Any]) -> None:
        """Store arrays and their record, under the record's "key"."""
        write_result(self.path(record["key"]), data, record)


log = logging.getLogger(__name__)
_path: ContextVar[Path | None] = ContextVar("checkpoint", default=None)


@contextmanager
def checkpointed(cache: Path | None, keys: Sequence[str]) -> Iterator[None]:
    """Keep a checkpoint of the computation in this context; remove it after a success.

    Args:
        cache: The folder of the cache; None for no checkpoint.
        keys: Keys of the results that are being computed together.
    """
    path = None
    if cache is not None:
        name = hashlib.sha256("".join(keys).encode()).hexdigest()
        path = cache / "checkpoints" / f"{name}.npz"
    token = _path.set(path)
    try:
        yield
    finally:
        _path.reset(token)
    if path is not None:
        for file in (path, *path.parent.glob(f"{path.stem}-*{path.suffix}")):
            file.unlink(missing_ok=True)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Keep a separate checkpoint of one training among several of a computation.

    The file stays until the whole computation succeeds, so that a kill costs no complete training.

    Args:
        name: Name of the training, part of the file's name.
    """
    path = _path.get()
    token = _path.set(path and path.with_name(f"{path.stem}-{name}{path.suffix}"))
    try:
        yield
    finally:
        _path.reset(token)


def save_checkpoint(arrays: Mapping[str, np.ndarray]) -> None:
    """Write the checkpoint of the running computation, if there is a cache.

    Args:
        arrays: The state to resume from, with the number of steps ``done``.
    """
    if path := _path.get():
        write_result(path, dict(arrays), {"key": path.stem})


def load_checkpoint(most: int, fault: Callable[[Data], str] = lambda arrays: "") -> Data:
    """Return the last checkpoint; empty if it is missing or damaged.

    Args:
        most: Number of steps to do.
        fault: Returns why the computation cannot resume from the arrays; empty if it can.
    """
    path = _path.get()
    if path is None or not path.is_file():
        return {}
    arrays = read_or_warn(
        path, lambda: _read_checkpoint(path, most, fault), "started from the beginning"
    )
    if arrays and arrays["done"] < most:
        log.info("goes on after %s of %s", arrays["done"], most)
    return arrays or {}


def _read_checkpoint(path: Path, most: int, fault: Callable[[Data], str]) -> Data:
    arrays, _ = read_result(path)
    done = arrays["done"]
    if done.shape or not np.issubdtype(done.dtype, np.integer) or not 1 <= done <= most:
        raise CorruptResult(f"done = {done}, of {most}")
    if why := fault(arrays):
        raise CorruptResult(why)
    return arrays


def code_hash(path: Path) -> str:
    """Return a hash of a module's code without comments, docstrings and line numbers.

    Each minor version of Python has hashes of its own. A C++ source of the same name counts byte by
    byte.

    Args:
        path: A Python file.
    """
    content = path.read_bytes()
    try:
        code = compile(_classes_in_line_1(content), "", "exec", dont_inherit=True, optimize=2)
        # Format 0 depends on the values alone, later formats on objects that values share.
        content = marshal.dumps(_without_lines(code), 0)
    except (SyntaxError, ValueError):
        # A file in the middle of an edit, which nobody has imported.
        pass
    digest = hashlib.sha256(content)
    compiled = path.with_suffix(".cc")
    if compiled.is_file():
        digest.update(compiled.read_bytes())
    return digest.hexdigest()


def _classes_in_line_1(content: bytes) -> bytes | ast.Module:
    """Return a module whose classes begin in line 1: from 3.13 on, a class stores that line."""
    if sys.version_info < (3, 13):
        return content
    tree = ast.parse(content)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for start in (node, *node.decorator_list):
                start.lineno = 1
    return tree


def _without_lines(code: CodeType) -> CodeType:
    """Return code without line numbers, including its functions and classes."""
    constants = [_without_lines(x) if isinstance(x, CodeType) else x for x in code.co_consts]
    return code.replace(co_consts=tuple(constants), co_firstlineno=1, co_linetable=b"")


def is_newer(path: Path, time: float) -> bool:
    """Return whether a file may have changed since a time, in seconds since 1970.

    The change time of the file's inode counts, which programs cannot set back.
    """
    status = path.stat()
    return max(status.st_mtime, status.st_ctime) > time


def refuse_newer(path: Path, time: float) -> None:
    """Raise `UserError` if a source may have changed since this process began to import.

    Args:
        path: The source.
        time: Time at which this process began to import, in seconds since the epoch.

    Raises:
        UserError: If the source was changed later.
    """
    if is_newer(path, time):
        raise UserError(
            "a source was edited while the command was running",
            path,
            "the file that was imported: otherwise results of the old code would be stored under "
            "the new code's key",
            "run the command again",
        )


def refuse_stale(path: Path) -> None:
    """Raise `UserError` if Python runs byte code of an earlier version of a source.

    Python compares time and size of the source alone. After an edit that keeps both, as
    ``rsync -a`` may, the old byte code stays in use.

    Args:
        path: The source.

    Raises:
        UserError: If the byte code belongs to another version.
    """
    cached = Path(cache_from_source(str(path)))
    # Most byte code was written after the last change of the source.
    if not cached.is_file() or path.stat().st_ctime_ns < cached.stat().st_mtime_ns:
        return
    imported = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
    if imported != compile(path.read_bytes(), str(path), "exec", dont_inherit=True):
        raise UserError(
            "Python's byte code is of an earlier version of its source",
            cached,
            f"the byte code of {path}",
            f"rm {cached}",
        )


ENGINE = "experiments.engine"
NUMERIC = {
    f"{ENGINE}.experiment",
    f"{ENGINE}.cache",
    f"{ENGINE}.jax_setup",
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
    started: float = STARTED
    _before_import: set[str] = field(default_factory=set, init=False)

    @cached_property
    def roots(self) -> dict[str, Path]:
        """The parent folder of each package of the project and of the engine."""
        rooms = [room_of(room.experiments) for room in self.project.rooms]
        own = dict.fromkeys((*rooms, *self.project.libraries), self.project.root)
        return {"experiments": Path(__file__).parents[2]} | own

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
            name for name in sorted(self.modules(experiment)) if is_newer(self._file(name), STARTED)
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


def cache_key(
    experiment: Experiment,
    seed: int | None,
    source: str,
    runtime: Runtime,
    settings: Mapping[str, str],
) -> str:
    """Return the key of a result, a hash of everything that can change a number.

    Args:
        experiment: The validated config. Its list of seeds does not count.
        seed: The seed of the result; None without randomness.
        source: Hash of the sources and packages that the computation depends on.
        runtime: Platform and precision.
        settings: Environment variables of JAX that can change a number.
    """
    parts = {
        "config": experiment.model_dump(exclude={"seeds", *experiment.NOT_IN_KEY}),
        "experiment": f"{type(experiment).__module__}.{type(experiment).__qualname__}",
        "seed": seed,
        "source": source,
        "inputs": experiment.input_digest(),
        "x64": runtime.x64,
        "platform": runtime.platform,
        "settings": dict(settings),
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
