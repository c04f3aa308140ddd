"""Errors that users can fix, and the start and end of commands."""

import difflib
import gc
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

Command = Callable[[list[str]], int | None]

LONGEST = 1000
"""Characters of a line of a message; longer lines are cut."""

BY_MAKE = "ASKED_BY_MAKE"
"""Environment variable with the target of the Makefile that runs the command."""

LOGGER = logging.getLogger("experiments")
"""Parent of the loggers of all modules here; commands write its messages to standard error."""


class UserError(Exception):
    """A mistake in what a user typed: one message, without a traceback.

    Args:
        what: The mistake in a few words.
        got: What was given.
        expected: What is accepted.
        fix: What to type or do instead.
    """

    def __init__(self, what: str, got: object = "", expected: str = "", fix: str = "") -> None:
        # All four go to Exception, so that the error survives pickling by a parallel launcher.
        super().__init__(what, got, expected, fix)
        self.what, self.got, self.expected, self.fix = what, got, expected, fix

    def __str__(self) -> str:
        lines = []
        for label in ("what", "got", "expected", "fix"):
            text = as_typed(self.fix) if label == "fix" else str(getattr(self, label))
            if len(text) > LONGEST:
                text = f"{text[:LONGEST]}... ({len(text)} characters)"
            if text or label in ("what", "got"):
                lines.append(f"error: {text}" if label == "what" else f"  {label + ':':<10}{text}")
        return "\n".join(lines)


@contextmanager
def readable_file(what: str, path: object, fix: str) -> Iterator[None]:
    """Turn any error inside the context into a `UserError` about an unreadable file.

    Args:
        what: The file's content, as "the goldens of fig4".
        path: The file.
        fix: What to do.

    Raises:
        UserError: If the code inside the context fails.
    """
    try:
        yield
    # A damaged file can make its reader raise nearly anything.
    except Exception as error:
        got = f"{path}: {type(error).__name__}: {error}"
        raise UserError(f"{what} cannot be read", got, "the file as it was written", fix) from error


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """Return the valid name closest to `name`, or None if none is close."""
    matches = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return matches[0] if matches else None


def no_such(what: str, got: object, name: str, valid: Iterable[str], fix: str) -> UserError:
    """Return the error for a name that does not exist.

    Args:
        what: The mistake in a few words.
        got: What was given.
        name: The name that does not exist.
        valid: The names that exist.
        fix: What to type; {} becomes the nearest valid name, or the first if none is close.
    """
    names = list(valid)
    close = nearest(name, names) or next(iter(names), "...")
    expected = "one of " + ", ".join(names) if names else "an existing name"
    return UserError(what, got, expected, fix.replace("{}", close))


def from_here(path: Path) -> str:
    """Return a path relative to the current folder if it lies there."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def as_typed(fix: str) -> str:
    """Return a fix in the form to type; under make, with the Makefile's variables."""
    target = os.environ.get(BY_MAKE)
    if not target:
        return fix
    if choice := re.fullmatch(r"figure=fig(\w+)/(\w+)", fix):
        kind = "params" if target == "params" else "figure"
        return f"make {kind}-{choice[1]} PRESET={choice[2]}"
    if choice := re.fullmatch(r"figure=(\w+)/(\w+)", fix):
        return f"make {target} PRESET={choice[2]}"
    if re.fullmatch(r"[\w.@/]+=\S+(?: [\w.@/]+=\S+)*", fix):
        return f"ARGS='{fix}'"
    return f'ARGS="{fix}"' if re.fullmatch(r"'[\w.@/]+=[^']*'", fix) else fix


def run_command(command: Command) -> NoReturn:
    """Run a command with this process's arguments, and end the process.

    The exit status is the command's own, 0 if it returns none, or 2 after a `UserError`. Ctrl-C and
    SIGTERM end the process at once: files are replaced as a whole, so none is left half written.

    Args:
        command: The command, a function of its arguments.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    status = guarded(command, sys.argv[1:])
    # Else Python looks for cycles of garbage in all modules at the end: 0.4 s.
    gc.freeze()
    sys.exit(status)


def log_to_stderr() -> None:
    """Write the messages of this repository's loggers to standard error, a line each."""
    LOGGER.handlers[:] = [logging.StreamHandler()]
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False


def guarded(command: Command, arguments: list[str]) -> int:
    """Run a command and return its exit status, 2 after a `UserError`.

    Args:
        command: The command, a function of its arguments.
        arguments: The arguments.

    Returns:
        The exit status of the command, 0 if it returns none, or 2 after a `UserError`, which is
        printed.
    """
    log_to_stderr()
    try:
        return command(arguments) or 0
    except UserError as error:
        LOGGER.error(error)
    except BrokenPipeError:
        # As in `make params-6 | head`. Python flushes again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        message = UserError(
            "the system refused a file or folder",
            error,
            "a results_dir that can be written, on a disk with room",
            "results_dir=another/folder",
        )
        LOGGER.error(message)
    return 2
