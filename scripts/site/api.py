"""The reference of the API: a page a module, whose text is the docstrings'."""

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

import snn
from experiments.engine.atomic import write_text
from scripts.site.links import ROOT, defined

GROUPS = {
    "The package": ["snn"],
    "Programs and spikes": [
        *("snn.types", "snn.program", "snn.spikes", "snn.noise", "snn.escape", "snn.surrogate"),
        *("snn.shapes", "snn.losses"),
    ],
    "Networks and neurons": [
        *("snn.networks", "snn.convolutional", "snn.neurons", "snn.connections", "snn.nnx"),
    ],
    "Estimators": ["snn.estimators"],
    "Stochastic AD": ["snn.coupling", "snn.flips", "snn_tools.stochad"],
    "Tools": [
        *("snn_tools", "snn_tools.comparison", "snn_tools.doctor", "snn_tools.doctor.advice"),
        *("snn_tools.conformance", "snn_tools.conformance.checks", "snn_tools.rosetta"),
    ],
}
"""Modules by what they are for; a package stands for all of its modules."""


def modules() -> list[str]:
    """Return every module of the packages, in order of its name."""
    packages = [snn, *([import_module("snn_tools")] if (ROOT / "tools").is_dir() else [])]
    names = [package.__name__ for package in packages]
    for package in packages:
        names += [m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return sorted(name for name in names if not name.rpartition(".")[2].startswith("_"))


def documented() -> set[str]:
    """Return names of the modules, and of what they define with a docstring."""
    found = set(modules())
    for module in modules():
        for node in ast.parse(_file(module).read_text()).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node):
                inner = node.body if isinstance(node, ast.ClassDef) else []
                methods = [x.name for x in inner if isinstance(x, ast.FunctionDef)]
                found |= {f"{module}.{node.name}"}
                found |= {f"{module}.{node.name}.{method}" for method in methods}
    return found


def write(stage: Path) -> None:
    """Write a page for every module, and the list of them."""
    rest, parts = modules(), ["API reference\n=============\n\n" + INTRODUCTION]
    for title, names in GROUPS.items():
        chosen = [m for m in rest if m in names or (m.rpartition(".")[0] in set(names) - {"snn"})]
        rest = [module for module in rest if module not in chosen]
        parts.append(_list(title, sorted(chosen, key=lambda m: _place(m, names))))
    parts.append(_list("More", rest))
    write_text(stage / "api" / "index.rst", "\n".join(parts))
    for module in modules():
        write_text(stage / "api" / f"{module}.rst", _page(module))


def _file(module: str) -> Path:
    folder = ROOT / "tools" if module.startswith("snn_tools") else ROOT
    path = folder / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


INTRODUCTION = """Signatures, types and shapes, from the docstrings. What each estimator
computes, and when it is exact, is derived on :doc:`its own page </estimators/index>`.
"""


def _place(module: str, names: list[str]) -> tuple[int, str]:
    package = module if module in names else module.rpartition(".")[0]
    return names.index(package), module


def _list(title: str, names: list[str]) -> str:
    listed = "".join(f"   {name}\n" for name in names)
    lines = "".join(f"- :doc:`{name}`: {_first_line(name)}\n" for name in names)
    return f"{title}\n{'-' * len(title)}\n\n{lines}\n.. toctree::\n   :hidden:\n\n{listed}"


def _first_line(module: str) -> str:
    return (ast.get_docstring(ast.parse(_file(module).read_text())) or "").partition("\n")[0]


def _page(module: str) -> str:
    head = f"{module}\n{'=' * len(module)}\n\n.. automodule:: {module}\n"
    if module != "snn":
        return head
    # The public names lie elsewhere, and are listed here.
    tree = ast.parse(_file("snn").read_text())
    names = [alias.asname for x in tree.body if isinstance(x, ast.ImportFrom) for alias in x.names]
    public = sorted(x for x in names if x and not x.startswith("_"))
    known = documented()
    lines = [
        f"- :py:obj:`snn.{x} <{defined(f'snn.{x}')}>`"
        if defined(f"snn.{x}") in known
        else f"- :doc:`snn.{x}`"
        for x in public
    ]
    return head + "   :no-members:\n\nPublic names\n------------\n\n" + "\n".join(lines) + "\n"
