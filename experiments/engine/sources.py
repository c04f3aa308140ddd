"""Which sources a result depends on: what `grimp` finds imported, directly or indirectly.

`import snn` names a package that re-exports all of itself. There the names that are read from it
decide, so that a new estimator leaves the results of others as they are. Where the names cannot be
told, a result depends on the whole package: better computed once too often than once too few.
"""

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import grimp

from experiments.engine.registry import Project

# Read by the engine, not by `compute`: a change in them changes no stored number.
SCHEMA_METHODS = ("summary", "validate")
# Parameters are declared by these; their values are in the key already.
PARAMETER_CALLS = ("param", "seeds_param")


class SourceIndex:
    """The imports of a project. Valid while no file changes.

    Args:
        project: Its packages must be importable; nothing is imported.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.text = cache(self._text)
        self.exports = cache(self._exports)

    @cached_property
    def graph(self) -> grimp.ImportGraph:
        """Modules and imports; built in 20 ms, so that a cache on disk would not pay."""
        return grimp.build_graph(self.project.experiments, *self.project.libraries, cache_dir=None)

    def source_hash(self, experiment: str) -> str:
        """A hash of everything that an experiment's `compute` depends on.

        Args:
            experiment: Its module, as "experiments.sigmoid_network.loop_integral".
        """
        digest = hashlib.sha256()
        for name in sorted(self.dependencies(experiment)):
            text = self.text(name, name == experiment)
            digest.update(f"{name}\n{text}\n".encode())
        return digest.hexdigest()

    def dependencies(self, experiment: str) -> set[str]:
        """Names of the modules that an experiment needs, its own included, the engine's not."""
        found: set[str] = set()
        waiting = [experiment]
        while waiting:
            name = waiting.pop()
            if name not in found and not f"{name}.".startswith(f"{self.project.engine}."):
                found.add(name)
                waiting += self._direct(name, name == experiment)
        return found

    def _direct(self, importer: str, is_schema: bool) -> Iterator[str]:
        """The modules that one module needs by itself."""
        imported = self.graph.find_modules_directly_imported_by(importer)
        # After `import snn.noise`, `snn.MLP` can be read too, which the graph does not show.
        above = {name[: dot.start()] for name in imported for dot in re.finditer(r"\.", name)}
        for package in {name for name in imported | above if self.graph.find_children(name)}:
            paths = names_read(self.text(importer, is_schema), package)
            if package in imported and not paths:
                yield package
            # A module that is imported from a package has its own place in the graph.
            paths = {path for path in paths if f"{package}.{path}" not in imported}
            yield from {self._behind(package, path) for path in paths}
        yield from (name for name in imported if not self.graph.find_children(name))

    def _behind(self, package: str, path: str) -> str:
        """The module behind what is read from a package, as "stochad.draw.Draw" from "snn"."""
        first, _, rest = path.partition(".")
        module = self.exports(package).get(first, package)
        if rest and module != package and self.graph.find_children(module):
            return self._behind(module, rest)
        return module

    def _exports(self, package: str) -> dict[str, str]:
        """The module behind each name of a package: a module in it, or one it re-exports from."""
        behind = {name.rpartition(".")[2]: name for name in self.graph.find_children(package)}
        for node in ast.parse(self.text(package, False)).body:
            if isinstance(node, ast.ImportFrom) and node.module in self.graph.modules:
                for alias in node.names:
                    module = f"{node.module}.{alias.name}"
                    known = module if module in self.graph.modules else node.module
                    behind.setdefault(alias.asname or alias.name, known)
        return behind

    def _text(self, name: str, is_schema: bool) -> str:
        base = self.project.root / name.replace(".", "/")
        package = base / "__init__.py"
        path: Path = package if package.is_file() else base.with_suffix(".py")
        return normalised(ast.parse(path.read_text(), filename=str(path)), is_schema)


def names_read(code: str, package: str) -> set[str]:
    """What code reads from a package, as dotted paths; "" if it uses the package as a whole.

    Args:
        code: Normalised, so that an import is on one line.
        package: Its dotted name.
    """
    parent, _, tail = package.rpartition(".")
    names, called = set(), set()
    for line in re.findall(rf"^\s*from {re.escape(package)} import (.+)$", code, re.MULTILINE):
        names |= {item.partition(" as ")[0] for item in line.split(", ")}
    for line in re.findall(rf"^\s*from {re.escape(parent)} import (.+)$", code, re.MULTILINE):
        called |= {i.split(" as ")[-1] for i in line.split(", ") if i.split(" as ")[0] == tail}
    for line in re.findall(r"^\s*import (.+)$", code, re.MULTILINE):
        for item in line.split(", "):
            module, _, alias = item.partition(" as ")
            if module == package or (f"{module}.".startswith(f"{package}.") and not alias):
                called.add(alias or package)
    body = re.sub(r"^\s*(?:from|import) .+$", "", code, flags=re.MULTILINE)
    for name in called:
        names |= set(re.findall(rf"(?<![\w.]){re.escape(name)}(?!\w)\.?([\w.]*)", body))
    return names


def normalised(tree: ast.Module, is_schema: bool) -> str:
    """Code without what changes no number: comments, layout, docstrings, a schema's fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            in_schema = is_schema and isinstance(node, ast.ClassDef)
            node.body = [
                item
                for item in node.body
                if not _is_docstring(item) and not (in_schema and _is_schema_part(item))
            ]
    return ast.unparse(tree)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_schema_part(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name in SCHEMA_METHODS
    return (
        isinstance(node, ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id in PARAMETER_CALLS
    )
