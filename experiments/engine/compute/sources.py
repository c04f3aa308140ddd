"""Hashes of source files, and errors if Python has imported an earlier version of a file.

The hash is of the compiled module without docstrings and line numbers: a comment or a docstring
changes no number. The hash describes the running code only if the file on disk is the file that was
imported. Two checks ensure this: the file is older than the process, and Python's byte code belongs
to the file.
"""

import ast
import hashlib
import marshal
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType

from experiments.engine.errors import UserError


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
