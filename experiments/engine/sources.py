"""The sources that a result depends on: all that it imports, found by `grimp`.

The C++ source of the same name, which a module compiles, counts with it.

`import snn` names a package that re-exports all of itself. There the names that are read from it
decide, so that a new estimator leaves the results of others as they are. Where the names cannot be
told, a result depends on the whole package: better computed once too often than once too few.
"""

import ast
import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import grimp

from experiments.engine.registry import Project

# Read by the engine, not by `compute`: a change in them changes no stored number.
SCHEMA_METHODS = ("pooled", "compared", "summary", "conclusions", "validate")
# Estimates, which schemas that experiments share have, too.
ESTIMATES = ("held", "work")
# Parameters are declared by these; their values are in the key already.
PARAMETER_CALLS = ("param", "seeds_param")


class Code(NamedTuple):
    """What counts of a module.

    Attributes:
        text: Its code without comments, layout, docstrings and a schema's fields.
        bindings: The names that it imports, each with its dotted path.
    """

    text: str
    bindings: frozenset[tuple[str, str]]


@dataclass(eq=False)
class SourceIndex:
    """The imports of a project, found without importing it.

    Valid while no file changes.
    """

    project: Project

    @cached_property
    def graph(self) -> grimp.ImportGraph:
        """Modules and imports; built in 20 ms, so that a cache on disk would not pay."""
        return grimp.build_graph(*self._packages, cache_dir=None)

    @cached_property
    def _packages(self) -> tuple[str, ...]:
        rooms = (room.experiments.partition(".")[0] for room in self.project.rooms)
        return (*rooms, *self.project.libraries)

    @cache  # noqa: B019 - as below
    def source_hash(self, experiment: str) -> str:
        """Return a hash of all sources that `compute` of an experiment's module depends on."""
        digest = hashlib.sha256()
        for name in sorted(self.dependencies(experiment)):
            text = self.code(name, name == experiment).text
            digest.update(f"{name}\n{text}\n".encode())
            cpp = self._file(name).with_suffix(".cc")
            if cpp.is_file():
                digest.update(cpp.read_bytes())
        return digest.hexdigest()

    def dependencies(self, experiment: str) -> set[str]:
        """Return the modules that an experiment depends on: itself, and none of the engine."""
        found: set[str] = set()
        waiting = [experiment]
        while waiting:
            name = waiting.pop()
            if name not in found and not f"{name}.".startswith(f"{self.project.engine}."):
                found.add(name)
                waiting += self._direct(name, name == experiment)
        return found

    @cache  # noqa: B019 - kept as long as the process, as are the sources that it tells of
    def _direct(self, importer: str, is_schema: bool) -> set[str]:
        """Return the modules that one module depends on directly."""
        code = self.code(importer, is_schema)
        read = names_read(code, self._packages)
        found = {self._defining(path) for path in read}
        for name in self.graph.find_modules_directly_imported_by(importer):
            inside = [path for path in read if f"{path}.".startswith(f"{name}.")]
            if not (self.graph.find_children(name) and inside):
                found.add(name)
        return found

    def _defining(self, path: str) -> str:
        """Return the module of a dotted path: "snn.estimators.surrogate" behind "snn.Surrogate"."""
        module, rest = path, []
        while module not in self.graph.modules:
            module, _, name = module.rpartition(".")
            rest.insert(0, name)
        if rest and self.graph.find_children(module):
            origin = dict(self.code(module).bindings).get(rest[0])
            if origin and origin.partition(".")[0] in self.graph.modules:
                return self._defining(".".join([origin, *rest[1:]]))
        return module

    def code(self, name: str, is_schema: bool = False) -> Code:
        """Return a module's code without what changes no number, and what it imports."""
        return normalised(self._file(name).read_text(), is_schema)

    def _file(self, name: str) -> Path:
        base: Path = self.project.root / name.replace(".", "/")
        package = base / "__init__.py"
        return package if package.is_file() else base.with_suffix(".py")


@cache
def normalised(code: str, is_schema: bool) -> Code:
    """Return what counts of a module's code."""
    tree = ast.parse(code)
    bound = set()
    for node in _statements(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            in_class = isinstance(node, ast.ClassDef)
            kept = [part for part in node.body if _counts(part, in_class, is_schema)]
            node.body = kept or [ast.Pass()]
        elif isinstance(node, ast.Import):
            bound |= {(alias.asname or alias.name, alias.name) for alias in node.names}
            # After `import snn.noise`, `snn.MLP` can be read, too.
            bound |= {(alias.name.partition(".")[0],) * 2 for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            bound |= {(a.asname or a.name, f"{node.module}.{a.name}") for a in node.names}
    return Code(ast.unparse(tree), frozenset(bound))


@cache
def names_read(code: Code, packages: Collection[str]) -> set[str]:
    """Return the dotted paths that code uses of some packages."""
    body = re.sub(r"^\s*(?:from|import) .+$", "", code.text, flags=re.MULTILINE)
    used = set(re.findall(r"(?<![\w.])\w+(?:\.\w+)*", body))
    paths = set()
    for name, origin in code.bindings:
        if origin.partition(".")[0] not in packages:
            continue
        uses = {path.removeprefix(name) for path in used if f"{path}.".startswith(f"{name}.")}
        # What is imported from a module, and not used, may be there for others to import.
        paths |= {origin + use for use in uses or ({""} if origin != name else ())}
    return paths


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a module and its statements at any depth, and no expressions, which are nine in ten."""
    yield node
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _statements(part)


def _counts(node: ast.AST, in_class: bool, is_schema: bool) -> bool:
    """Return whether a statement can change a number."""
    in_schema = in_class and is_schema
    match node:
        case ast.Expr(ast.Constant(str())):  # a docstring
            return False
        case ast.FunctionDef(name):
            return not (in_schema and name in SCHEMA_METHODS or in_class and name in ESTIMATES)
        case ast.AnnAssign(value=ast.Call(ast.Name(name))):
            return not (in_schema and name in PARAMETER_CALLS)
        case ast.Assign([ast.Name("ARRAYS")]):
            return False
    return True
