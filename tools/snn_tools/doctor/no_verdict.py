"""What is no verdict: one message and status 2, for neither a clean bill nor faults."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snn_tools.printing import new_figure

STATUS = 2


class NoVerdict(Exception):
    """Nothing was examined, or not reported as asked; the message says why."""


@contextmanager
def no_traceback(what: str, refused: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Make one message of whatever goes wrong: Python ends a traceback with status 1, "faults".

    Args:
        what: the step that may fail.
        refused: errors that say themselves what is wrong.

    Raises:
        NoVerdict: in place of any error but that of Ctrl-C.
    """
    try:
        yield
    except (KeyboardInterrupt, NoVerdict):
        raise
    except refused as error:
        raise NoVerdict(str(error)) from error
    except SystemExit as end:
        raise NoVerdict(f"{what} ended with status {end.code}, which is no verdict.") from end
    except BaseException as error:
        raise NoVerdict(f"{what} failed: {_told(error)}") from error


def _told(error: BaseException) -> str:
    """Tell an error, and the innermost line that is neither Python's nor a package's."""
    installed = "python{}.{}{}".format(*sys.version_info[:2], os.sep)
    # The first two are of this file and of the step.
    lines = traceback.extract_tb(error.__traceback__)[2:]
    own = [f"{x.filename}:{x.lineno}" for x in lines if installed not in x.filename]
    own = [line for line in own if not line.startswith("<")]
    return " ".join([f"{type(error).__name__}: {error}", *(f"({line})" for line in own[-1:])])


def refuse_unwritable(option: str, path: Path) -> None:
    """Refuse a file that cannot be written, before minutes are spent.

    Raises:
        NoVerdict: if it cannot.
    """
    is_there = os.path.exists(path)
    place = path if is_there else path.parent
    if os.path.isdir(place) == is_there or not os.access(place, os.W_OK):
        raise NoVerdict(f"{option}: got {path}, expected a file that can be written.")


def refuse_undrawable(path: Path) -> None:
    """Refuse a picture that could not be drawn in the end.

    Raises:
        NoVerdict: for an unknown format.
        ImportError: without matplotlib.
    """
    known = new_figure(1.0, 1.0).canvas.get_supported_filetypes()
    if path.suffix and path.suffix[1:].lower() not in known:
        raise NoVerdict(f"--png: got {path}, expected a name that ends in .png.")
