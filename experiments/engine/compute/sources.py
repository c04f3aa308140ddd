"""Source files as Python imported them: a hash of each file, and errors if a file was edited since.

A comment, a docstring or a line break changes no number, so that the hash is of the syntax tree
without them. It stands for what runs only if the file on disk is the file that was imported. Two
checks make sure of that: the file is older than this process, and Python's byte code is its own.
"""

import ast
import hashlib
import importlib.util
import marshal
from pathlib import Path

from experiments.engine.errors import UserError

HEADER = 16
"""Bytes before the code in a file of byte code: kind, flags, time and size of the source."""
FLAGS = slice(4, 8)
"""Bytes of the header; zeros if the source is recognised by its time and size."""


def syntax_hash(path: Path) -> str:
    """Return a hash of a module's syntax tree without comments and docstrings.

    It is the same for every version of Python. The C++ source of the same name counts byte by byte.

    Args:
        path: A Python file.
    """
    digest = hashlib.sha256(_text(ast.parse(path.read_bytes())).encode())
    compiled = path.with_suffix(".cc")
    if compiled.is_file():
        digest.update(compiled.read_bytes())
    return digest.hexdigest()


def _text(node: object) -> str:
    """Return a syntax tree as text; fields that a later Python adds are empty, and left out."""
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
        return f"{type(node).__name__}({','.join(f'{name}={_text(x)}' for name, x in fields)})"
    if isinstance(node, list):
        return f"[{','.join(_text(each) for each in node if not _is_docstring(each))}]"
    return repr(node)


def _is_docstring(node: object) -> bool:
    """Return whether a statement is a text alone: of a module, a class, a function, a constant."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_newer(path: Path, time: float) -> bool:
    """Return whether a file may have changed since a time, in seconds since 1970.

    The time of the last change to a file's entry on disk counts, which no program can set back.
    """
    status = path.stat()
    return max(status.st_mtime, status.st_ctime) > time


def refuse_newer(path: Path, time: float) -> None:
    """Raise `UserError` if a source may have changed since this process began to import."""
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

    Python compares only a source's time and size. An edit that keeps both, as ``cp -p`` and
    ``rsync -a`` may, leaves the old byte code in use.
    """
    cached = Path(importlib.util.cache_from_source(str(path)))
    try:
        content, written = cached.read_bytes(), cached.stat().st_mtime_ns
    except OSError:
        return
    status = path.stat()
    if status.st_ctime_ns < written:
        # Byte code that was written after the last change is of the present source.
        return
    recorded = tuple(int.from_bytes(content[at : at + 4], "little") for at in (8, 12))
    present = tuple(value & 0xFFFFFFFF for value in (int(status.st_mtime), status.st_size))
    if any(content[FLAGS]) or recorded != present:
        # Python has compiled the source itself.
        return
    try:
        old = marshal.loads(content[HEADER:])
    except (EOFError, ValueError, TypeError):
        return
    if old != compile(path.read_bytes(), str(path), "exec", dont_inherit=True):
        raise UserError(
            "Python's byte code is of an earlier version of its source",
            cached,
            f"the byte code of {path}",
            f"rm {cached}",
        )
