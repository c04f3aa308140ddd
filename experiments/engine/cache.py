"""The cache: keys of results, results on disk, and files that appear as a whole.

The key of a result is a hash of everything that can change a number: parameters, a seed, inputs,
platform, precision, settings of JAX, versions, and code. The code is all of the core, and modules
that the experiment imports, directly or not; of the engine only `NUMERIC`. A comment or a
docstring changes no key. If a source is edited while a run computes, the result is used for this
run's picture, but not stored.
"""

import ast
import fcntl
import hashlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import grimp
import numpy as np
import platformdirs

from experiments.engine.config import Project, Runtime
from experiments.engine.experiment import Data, Experiment
from experiments.engine.provenance import package_version

T = TypeVar("T")
log = logging.getLogger(__name__)

ENGINE = "experiments.engine"
NUMERIC = {f"{ENGINE}.experiment", f"{ENGINE}.checkpoint", f"{ENGINE}.jax_setup"}
"""Engine modules that can change a number: base of experiments, checkpoints, setup of JAX."""
ALWAYS = ("jax", "jaxlib", "numpy", "scipy", "optax")
"""Packages with their versions in every key. JAX takes its linear algebra from SciPy."""
NO_NUMBERS = {"pydantic", "tqdm", "jaxtyping", "typing_extensions"}
"""Imported packages that change no number."""
RECORD, STAMP = "record.json", "stamp"
"""Names among the arrays: the record of a stored result, the stamp of a figure."""


# Files.


@contextmanager
def new_file(final: Path) -> Iterator[Path]:
    """Give the path of a temporary file to write, which then replaces the file `final`.

    Args:
        final: The file to write or replace.

    Yields:
        The path of the temporary file, beside `final`. If the context fails, `final` stays.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".tmp-{os.getpid()}-{final.name}")
    try:
        yield temporary
        os.replace(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


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


@contextmanager
def locked(folder: Path, name: str = ".lock") -> Iterator[bool]:
    """Hold a lock in a folder; wait if another process holds it.

    The system releases the lock even after SIGKILL.

    Args:
        folder: The folder; it is made if it does not exist.
        name: Name of the lock's file.

    Yields:
        Whether another process held it.
    """
    waited = False
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = True
            log.warning("waiting for another process, which writes the same: %s", file.name)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield waited


def user_cache(name: str) -> Path:
    """Return a folder of this project in the user's cache, such as ~/.cache/snn-surrogate/shd."""
    return Path(platformdirs.user_cache_dir("snn-surrogate"), name)


# Keys.


def code_hash(path: Path) -> str:
    """Return a hash of a module's syntax tree without docstrings.

    A C++ source of the same name counts byte by byte.
    """
    compiled = path.with_suffix(".cc")
    beside = compiled.read_bytes() if compiled.is_file() else b""
    return hashlib.sha256(_syntax(path.read_bytes()) + beside).hexdigest()


@cache
def _syntax(source: bytes) -> bytes:
    """Return a hash of a source's syntax tree; several experiments share most sources."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source  # A file in the middle of an edit, which nobody has imported.
    _remove_texts(tree)
    return hashlib.sha256(ast.dump(tree).encode()).digest()


def _remove_texts(node: ast.AST) -> None:
    """Remove docstrings from a tree, visiting statements only: expressions contain none."""
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        if isinstance(block := getattr(node, name, None), list):
            setattr(node, name, [x for x in block if not _is_text(x)])
            for statement in block:
                _remove_texts(statement)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def source_files(project: Project, experiment: str) -> dict[str, Path]:
    """Return the files whose code an experiment depends on, by the names of their modules.

    Args:
        project: Where experiments lie.
        experiment: The module's name.
    """
    graph, own = _graph(project, experiment.partition(".")[0])
    names = {experiment, *NUMERIC, *graph.find_upstream_modules(experiment)}
    names |= {x for x in graph.modules if x.partition(".")[0] in project.libraries}
    counted = {
        name
        for name in names
        if name.partition(".")[0] in own
        if not f"{name}.".startswith(f"{ENGINE}.") or name in NUMERIC
    }
    files = {name: Path(str(find_spec(name).origin)) for name in counted if find_spec(name)}  # pyright: ignore
    # Modules of the checkout outside the packages, such as a file beside them.
    for name in _imports(graph, counted, experiment) - own:
        spec = find_spec(name)
        path = Path(str(spec and spec.origin))
        if path.is_relative_to(project.root) and "site-packages" not in path.parts:
            inside = path.parent.rglob("*.py") if path.name == "__init__.py" else [path]
            files |= {f"{name} {file.name}": file for file in inside}
    return files


@cache
def source_hash(project: Project, experiment: str) -> str:
    """Return a hash of the code and versions behind an experiment, taken once a process."""
    return _source_hash(project, experiment)


def is_edited(project: Project, experiment: str) -> bool:
    """Return whether code has changed since `source_hash` was taken, and warn once."""
    if _source_hash(project, experiment) == source_hash(project, experiment):
        return False
    _warn_once()
    return True


def cache_key(
    experiment: Experiment,
    seed: int | None,
    source: str,
    runtime: Runtime,
    settings: Mapping[str, str],
) -> str:
    """Return the key of a result, a hash of everything that can change a number.

    Args:
        experiment: The experiment. Its list of seeds does not count.
        seed: The seed of the result; None without randomness.
        source: Hash of the code and versions that the computation depends on.
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


def _source_hash(project: Project, experiment: str) -> str:
    graph, own = _graph(project, experiment.partition(".")[0])
    files = source_files(project, experiment)
    versions = {name: package_version(name) for name in ALWAYS}
    for name in _imports(graph, files, experiment) - own - set(ALWAYS) - NO_NUMBERS:
        if name not in sys.stdlib_module_names:
            versions[name] = str(getattr(sys.modules.get(name), "__version__", ""))
    parts = [f"{sys.version_info[:2]}", *(f"{name} {x}" for name, x in sorted(versions.items()))]
    parts += [f"{name} {code_hash(path)}" for name, path in sorted(files.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _graph(project: Project, top: str) -> tuple[grimp.ImportGraph, set[str]]:
    """Return the graph of imports of an experiment's packages, and the names of the packages."""
    own = {"experiments", top, *project.libraries}
    return grimp.build_graph(*own, include_external_packages=True, cache_dir=None), own


def _imports(graph: grimp.ImportGraph, modules: Any, experiment: str) -> set[str]:
    """Return the top packages that the modules of an experiment's chapter import."""
    chapter = experiment.rpartition(".")[0]
    inside = [name for name in modules if name in graph.modules and name.startswith(f"{chapter}.")]
    return {
        imported.partition(".")[0]
        for name in inside
        for imported in graph.find_modules_directly_imported_by(name)
    }


@cache
def _warn_once() -> None:
    log.warning(
        "a source was edited while this command was running: what it computes is drawn, but not "
        "kept in the cache"
    )


# Results.


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
    log.warning("%s is damaged (%s): %s", path, fault, consequence)
    return None


def read_arrays(path: Path) -> Data:
    """Return the arrays of an .npz by name. A damaged file may raise any exception."""
    # Opened here, as NumPy does not close a damaged file.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write_numbers(path: Path, panels: Mapping[str, Data], stamp: str) -> None:
    """Write a figure's .npz: arrays by "panel/array", and the stamp."""
    arrays = {f"{panel}/{name}": x for panel, data in panels.items() for name, x in data.items()}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays, **{STAMP: np.array(stamp)})


def read_numbers(path: Path) -> tuple[dict[str, Data], str]:
    """Return the panels and the stamp of a figure's .npz: the reverse of `write_numbers`."""
    arrays = read_arrays(path)
    stamp, panels = str(arrays.pop(STAMP, "")), {}
    for key, array in arrays.items():
        panel, _, name = key.partition("/")
        panels.setdefault(panel, {})[name] = array
    return panels, stamp


def write_result(path: Path, data: Data, record: Mapping[str, Any]) -> None:
    """Write an .npz, named by the record's "key", with arrays and their record."""
    with new_file(path) as temporary, temporary.open("wb") as file:
        text = np.array(json.dumps(record).encode())
        np.savez(file, allow_pickle=False, **data, **{RECORD: text})


def read_result(path: Path) -> tuple[Data, dict[str, Any]]:
    """Return the arrays and the record of a stored result.

    Raises:
        CorruptResult: If the key in the record differs from the file's name. A damaged file may
            raise any exception.
    """
    data = read_arrays(path)
    record = json.loads(data.pop(RECORD).item())
    if record["key"] != path.stem:
        raise CorruptResult(f"its key is {record['key']}")
    return data, record


def load_result(folder: Path, key: str) -> tuple[Data, dict[str, Any]] | None:
    """Return the arrays and the record of a key; None if the file is missing or damaged."""
    path = folder / f"{key}.npz"
    return (
        read_or_warn(path, lambda: read_result(path), "computed again") if path.exists() else None
    )
