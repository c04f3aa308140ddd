"""Which sources a result depends on, found by reading imports without running them.

A name imported from a package is followed through the package's re-exports to the module that
defines it, so a result depends on the parts of `snn` that it uses and not on all of it. The
executed `__init__.py` files in between do not count.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from experiments.engine.registry import Project

# Read by the engine, not by `compute`: a change in them changes no stored number.
SCHEMA_METHODS = ("pooled", "summary", "validate")
# Parameters are declared by these; their values are in the key already.
PARAMETER_CALLS = ("param", "seeds_param")


@dataclass
class Module:
    """One source file, parsed."""

    name: str
    path: Path
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree, in which comments and layout are gone already."""
        return ast.parse(self.path.read_text(), filename=str(self.path))

    @cached_property
    def imports(self) -> list[tuple[str, str | None, str]]:
        """Every import as (module, name or None, bound name)."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    target = alias.name if alias.asname else bound
                    found.append((target, None, bound))
                    if not alias.asname and "." in alias.name:
                        found.append((alias.name, None, ""))
            elif isinstance(node, ast.ImportFrom):
                source = self._absolute(node)
                found += [(source, alias.name, alias.asname or alias.name) for alias in node.names]
        return found

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        parts = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*parts, node.module] if node.module else parts)

    def uses(self, bound: str) -> Iterator[list[str]]:
        """The attribute paths read from a name: ["a", "b"] for x.a.b, [] for x alone."""
        inner = {id(n.value) for n in ast.walk(self.tree) if isinstance(n, ast.Attribute)}
        for node in ast.walk(self.tree):
            path: list[str] = []
            end = node
            while isinstance(end, ast.Attribute):
                path.insert(0, end.attr)
                end = end.value
            if isinstance(end, ast.Name) and end.id == bound and id(node) not in inner:
                yield path


@dataclass
class SourceIndex:
    """The modules of a project, and what depends on what. Valid while no file changes."""

    project: Project
    modules: dict[str, Module | None] = field(default_factory=dict)

    def source_hash(self, experiment: str) -> str:
        """A hash of everything that an experiment's `compute` depends on.

        Args:
            experiment: Its module, as "experiments.sigmoid_network.loop_integral".
        """
        digest = hashlib.sha256()
        for name in sorted(self.dependencies(experiment)):
            tree = normalised(self.module(name).tree, is_schema=name == experiment)
            digest.update(f"{name}\n{tree}\n".encode())
        return digest.hexdigest()

    def dependencies(self, experiment: str) -> set[str]:
        """Names of the modules that an experiment needs, its own included."""
        waiting = [experiment]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.direct(self.module(name))
        return found

    def direct(self, module: Module) -> Iterator[str]:
        """The modules that one module names."""
        for source, name, bound in module.imports:
            if not self.tracked(source):
                continue
            if name is None:
                yield from self._through(module, source, bound)
            elif name == "*":
                yield from self._everything(source)
            elif self.module(f"{source}.{name}"):
                yield from self._through(module, f"{source}.{name}", bound)
            else:
                yield from self.defining(source, [name])

    def _through(self, module: Module, source: str, bound: str) -> Iterator[str]:
        """What is read from a module bound to a name."""
        if not self.module(source).is_package:
            yield source
        elif bound:
            for path in module.uses(bound):
                yield from self.defining(source, path)

    def defining(self, source: str, path: list[str]) -> Iterable[str]:
        """The modules behind source.path, following submodules and re-exports."""
        module = self.module(source)
        if not module.is_package:
            return [source]
        if not path:
            return self._everything(source)
        first, rest = path[0], path[1:]
        if self.module(f"{source}.{first}"):
            return self.defining(f"{source}.{first}", rest)
        for origin, name, bound in module.imports:
            if bound == first and name is not None and self.tracked(origin):
                if self.module(f"{origin}.{name}"):
                    return self.defining(f"{origin}.{name}", rest)
                return self.defining(origin, [name])
        return [source]

    def _everything(self, source: str) -> list[str]:
        """A package used as a whole, as in getattr(snn, name): all that it re-exports."""
        names = [bound for _, name, bound in self.module(source).imports if name is not None]
        return [source, *(found for name in names for found in self.defining(source, [name]))]

    def tracked(self, name: str) -> bool:
        """Whether a module's source counts: ours, the machinery left out."""
        roots = (self.project.experiments, *self.project.libraries)
        if f"{name}.".startswith(f"{self.project.engine}."):
            return False
        return any(f"{name}.".startswith(f"{root}.") for root in roots) and bool(self.module(name))

    def module(self, name: str) -> Module | None:
        """The module of that name, or None if it has no source file here."""
        if name not in self.modules:
            base = self.project.root / name.replace(".", "/")
            package, plain = base / "__init__.py", base.with_name(base.name + ".py")
            path = package if package.is_file() else plain
            self.modules[name] = Module(name, path, path == package) if path.is_file() else None
        return self.modules[name]


def normalised(tree: ast.Module, is_schema: bool) -> str:
    """A syntax tree as text without what changes no number: docstrings, and a schema's fields."""
    kept = [node for node in tree.body if not _is_docstring(node)]
    return "\n".join(ast.dump(_strip(node, is_schema)) for node in kept)


def _strip(node: ast.AST, is_schema: bool) -> ast.AST:
    for child in ast.walk(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            child.body = [
                item
                for item in child.body
                if not _is_docstring(item) and not (is_schema and _is_schema_part(item))
            ]
    return node


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
