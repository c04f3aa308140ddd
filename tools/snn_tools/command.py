"""What commands that examine a network share: options, files, who builds the network, no verdict.

No verdict is one message and status 2, for neither a clean bill nor faults.
"""

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


def verdict(
    command: str,
    description: str | None,
    returned: str,
    arguments: list[str] | None,
    examined: Callable[[argparse.Namespace], Any],
) -> int:
    """Examine a network, print the report, and write the files that are asked for.

    Args:
        command: such as "snn_tools.doctor".
        description: what the command does.
        returned: what the user's function returns, in words.
        arguments: of the command line.
        examined: from the options to the report.

    Returns:
        0 for a clean bill, 1 if faults were found; the process ends with 2 for what is no verdict.
    """
    made = argparse.ArgumentParser(prog=f"python -m {command}", description=description)
    build = f"module:function. The function takes nothing and returns {returned}"
    made.add_argument("build", help=build)
    made.add_argument("--budget", default="1min", help="such as 30s or 5min (default 1min)")
    made.add_argument("--seed", type=_seed, default=0, help="decides all noise (default 0)")
    made.add_argument("--json", type=Path, help="file for the numbers")
    made.add_argument("--png", type=Path, help="file for the picture; needs matplotlib")
    try:
        options = made.parse_args(arguments)
        _refuse_files(options)
        report = examined(options)
        with no_traceback("report"):
            show(report)
        if options.json:
            with no_traceback("--json"):
                options.json.write_text(report.to_json())
        if options.png:
            with no_traceback("--png"):
                report.plot().savefig(options.png, dpi=150)
    except NoVerdict as error:
        made.exit(STATUS, f"{error}\n")
    return 0 if report.healthy else 1


def _seed(text: str) -> int:
    """Read a seed that generators tell from all others."""
    seed = int(text)
    if not 0 <= seed < 2**32:
        raise argparse.ArgumentTypeError(f"got {text}, expected 0 to 2^32 - 1")
    return seed


def _refuse_files(options: argparse.Namespace) -> None:
    """Refuse files that cannot be written in the end, before minutes are spent."""
    for option, path in (("--json", options.json), ("--png", options.png)):
        if path is None:
            continue
        is_there = os.path.exists(path)
        place = path if is_there else path.parent
        if os.path.isdir(place) == is_there or not os.access(place, os.W_OK):
            raise NoVerdict(f"{option}: got {path}, expected a file that can be written.")
    if options.png:
        with no_traceback("--png", refused=(ImportError,)):
            known = new_figure(1.0, 1.0).canvas.get_supported_filetypes()
        if options.png.suffix[1:].lower() not in {"", *known}:
            raise NoVerdict(f"--png: got {options.png}, expected a name that ends in .png.")


def show(report: Any) -> None:
    """Print a report, in colour where rich is installed."""
    try:
        from rich.console import Console
    except ImportError:
        sys.stdout.write(f"{report}\n")
    else:
        Console(soft_wrap=True).print(report)
    sys.stdout.flush()


def built(name: str, expected: str, fits: Callable[[Sequence[Any]], bool]) -> Sequence[Any]:
    """Call the user's function, from the folder in which the command was called.

    Args:
        name: ``module:function``.
        expected: what it returns, in words.
        fits: whether a sequence is that.

    Raises:
        NoVerdict: if there is none of that name, or it fails or returns something else.
    """
    module, _, function = name.partition(":")
    if not (module and function):
        raise NoVerdict(f"build: got {name!r}, expected module:function, for instance mynet:build.")
    sys.path.insert(0, os.getcwd())
    with no_traceback(f"build: {name}()"):
        build = getattr(importlib.import_module(module), function, None)
        if not callable(build):
            raise NoVerdict(f"build: {module} has no function {function!r}.")
        found = build()
    if isinstance(found, Sequence) and fits(found):
        return found
    got = type(found).__name__
    if isinstance(found, Sequence):
        kinds = ", ".join(type(each).__name__ for each in found)
        got = f"a {got} of {len(found)}" + f" ({kinds})" * bool(kinds)
    raise NoVerdict(f"build: {name}() returned {got}, expected {expected}.")
