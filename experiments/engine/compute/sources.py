"""Hashes of source files, and errors if Python has imported an earlier version of a file.

The hash is of the syntax tree: a comment, a docstring or a line break changes no number. The hash
describes the running code only if the file on disk is the file that was imported. Two checks ensure
this: the file is older than the process, and Python's byte code belongs to the file.
"""

import ast
import hashlib
import importlib.util
import marshal
from pathlib import Path

from experiments.engine.errors import UserError

HEADER = 16
"""Number of bytes before the code in a .pyc: kind, flags, time and size of the source."""
FLAGS = slice(4, 8)
"""Place of the flags in the header; zeros if time and size identify the source."""


def syntax_hash(path: Path) -> str:
    """Return a hash of a module's syntax tree without comments and docstrings.

    Versions of Python agree on the hash. A C++ source of the same name counts byte by byte.

    Args:
        path: A Python file.
    """
    content = path.read_bytes()
    try:
        text = _text(ast.parse(content)).encode()
    except (SyntaxError, ValueError):
        # A file in the middle of an edit, which nobody has imported.
        text = content
    digest = hashlib.sha256(text)
    compiled = path.with_suffix(".cc")
    if compiled.is_file():
        digest.update(compiled.read_bytes())
    return digest.hexdigest()


def _text(node: object) -> str:
    """Return a syntax tree as text, without empty fields: a later Python may add more of them."""
    if isinstance(node, ast.AST):
        # Read directly: `ast.iter_fields` takes twice the time.
        values = vars(node)
        fields = [
            f"{name}={_text(value)}"
            for name in node._fields
            if (value := values.get(name)) is not None and value != []
        ]
        return f"{type(node).__name__}({','.join(fields)})"
    if isinstance(node, list):
        return f"[{','.join([_text(item) for item in node if not _is_docstring(item)])}]"
    return repr(node)


def _is_docstring(node: object) -> bool:
    """Return whether a node is a docstring: a statement that consists of a text."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


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
    cached = Path(importlib.util.cache_from_source(str(path)))
    status = path.stat()
    try:
        # Most byte code was written after the last change of the source.
        content = b"" if status.st_ctime_ns < cached.stat().st_mtime_ns else cached.read_bytes()
    except OSError:
        return
    if not content:
        return
    recorded = tuple(int.from_bytes(content[at : at + 4], "little") for at in (8, 12))
    present = tuple(value & 0xFFFFFFFF for value in (int(status.st_mtime), status.st_size))
    if any(content[FLAGS]) or recorded != present:
        # Python ignores this byte code.
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
