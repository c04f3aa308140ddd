"""Shared parts of the commands that examine a network: options, files, the user's function.

A command that reaches no verdict prints one message and ends with status 2, which stands for
neither a clean bill nor faults.
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

from snn_tools.shared.report import FAULTS

STATUS = 2
"""Exit status without a verdict."""


class NoVerdict(Exception):
    """The network was not examined, or the report was not written; the message gives the reason."""


@contextmanager
def no_traceback(step: str, refused: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn any error into one message: Python ends a traceback with status 1, "faults".

    Args:
        step: name of the step that may fail.
        refused: errors whose own message is enough.

    Raises:
        NoVerdict: in place of any error but Ctrl-C.
    """
    try:
        yield
    except (KeyboardInterrupt, NoVerdict):
        raise
    except refused as error:
        raise NoVerdict(str(error)) from error
    except SystemExit as end:
        raise NoVerdict(f"{step} ended with status {end.code}, without a verdict.") from end
    except BaseException as error:
        raise NoVerdict(f"{step} failed: {_described(error)}") from error


def _described(error: BaseException) -> str:
    """Describe an error, with the innermost line of the user's code."""
    installed = "python{}.{}{}".format(*sys.version_info[:2], os.sep)
    # The first two lines belong to this file and to the step.
    lines = traceback.extract_tb(error.__traceback__)[2:]
    own = [f"{x.filename}:{x.lineno}" for x in lines if installed not in x.filename]
    own = [line for line in own if not line.startswith("<")]
    return " ".join([f"{type(error).__name__}: {error}", *(f"({line})" for line in own[-1:])])


@contextmanager
def require_packages(command: str, extra: str) -> Iterator[None]:
    """End with status 2 and one line if a package of the command is not installed.

    Args:
        command: name of the command, such as "snn_tools.torch".
        extra: what to install, as `pip install` takes it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        sys.stderr.write(f"{command}: {package} is not installed. Type: pip install {extra}\n")
        raise SystemExit(STATUS) from None


def verdict(
    command: str,
    description: str | None,
    returned: str,
    arguments: list[str] | None,
    examined: Callable[[argparse.Namespace], Any],
) -> int:
    """Examine a network, print the report, and write the files of the options.

    Args:
        command: such as "snn_tools.doctor".
        description: purpose of the command.
        returned: description of the values that the user's function returns.
        arguments: command line, without the name of the command.
        examined: function from the options to the report.

    Returns:
        0 if the network is healthy, 1 if faults were found. Without a verdict the process ends with
        2: after an error, or if a measurement of ``--require`` is missing.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=description)
    build = f"module:function. The function takes no arguments and returns {returned}"
    parser.add_argument("build", help=build)
    budget = "seconds of the clock, such as 30s or 5min (default 1min)"
    parser.add_argument("--budget", default="1min", help=budget)
    parser.add_argument("--seed", type=_seed, default=0, help="seed of all noise (default 0)")
    parser.add_argument("--json", type=Path, help="file for the numbers")
    require = "end with status 2 if the cosine to the true gradient is not known in every layer"
    parser.add_argument("--require", choices=["direction"], help=require)
    try:
        options = parser.parse_args(arguments)
        _refuse_file(options.json)
        report = examined(options)
        with no_traceback("report"):
            show(report)
        if options.json:
            with no_traceback("--json"):
                options.json.write_text(report.to_json())
    except NoVerdict as error:
        parser.exit(STATUS, f"{error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "interrupted\n")
    if report.verdict == FAULTS:
        return 1
    if options.require and (report.direction is None or report.unknown):
        where = f" in {', '.join(report.unknown)}" * bool(report.unknown)
        parser.exit(STATUS, f"--require direction: the cosine is not known{where}\n")
    return 0


def _seed(text: str) -> int:
    """Read a seed; random generators distinguish only these 2^32 seeds."""
    seed = int(text)
    if not 0 <= seed < 2**32:
        raise argparse.ArgumentTypeError(f"got {text}, expected 0 to 2^32 - 1")
    return seed


def _refuse_file(path: Path | None) -> None:
    """Refuse a file that cannot be written, before the examination takes minutes."""
    if path is None:
        return
    is_there = os.path.exists(path)
    place = path if is_there else path.parent
    if os.path.isdir(place) == is_there or not os.access(place, os.W_OK):
        raise NoVerdict(f"--json: got {path}, expected a file that can be written.")


def show(report: Any) -> None:
    """Print a report, in colour if rich is installed."""
    try:
        from rich.console import Console
    except ImportError:
        sys.stdout.write(f"{report}\n")
    else:
        Console(soft_wrap=True).print(report)
    sys.stdout.flush()


def built(name: str, expected: str, fits: Callable[[Sequence[Any]], bool]) -> Sequence[Any]:
    """Call the user's function in a module of the current folder.

    Args:
        name: ``module:function``.
        expected: description of the values that the function returns.
        fits: returns whether a sequence has these values.

    Raises:
        NoVerdict: if the function does not exist, fails, or returns other values.
    """
    module, _, function = name.partition(":")
    if not (module and function):
        raise NoVerdict(f"build: got {name!r}, expected module:function, for instance mynet:build.")
    sys.path.insert(0, os.getcwd())
    with no_traceback(f"build: {name}()"):
        build = getattr(importlib.import_module(module), function, None)
        if not callable(build):
            raise NoVerdict(f"build: {module} has no function {function!r}.")
        values = build()
    if isinstance(values, Sequence) and fits(values):
        return values
    got = type(values).__name__
    if isinstance(values, Sequence):
        kinds = ", ".join(type(value).__name__ for value in values)
        got = f"a {got} of {len(values)}" + f" ({kinds})" * bool(kinds)
    raise NoVerdict(f"build: {name}() returned {got}, expected {expected}.")
