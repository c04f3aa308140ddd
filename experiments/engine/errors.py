"""The one kind of error that is the user's to fix, and how the commands end on it."""

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from experiments.engine.compute import speed
from experiments.engine.compute.processes import listen

Command = Callable[[list[str]], int | None]

LONGEST = 1000
"""Characters of a line of a message; a list of a million values is not shown."""

BY_MAKE = "ASKED_BY_MAKE"
"""The variable of the environment in which the Makefile says for which target it asks."""


class UserError(Exception):
    """A mistake in what was asked for, told as one message without a traceback.

    Args:
        what: The mistake in a few words.
        got: What was given.
        expected: What would have been accepted.
        fix: What to type or do instead.
    """

    def __init__(self, what: str, got: object = "", expected: str = "", fix: str = "") -> None:
        # All four go to Exception, so that the error survives pickling by a parallel launcher.
        super().__init__(what, got, expected, fix)
        self.what, self.got, self.expected, self.fix = what, got, expected, fix

    def __str__(self) -> str:
        lines = [f"error: {self.what}"]
        for label in ("got", "expected", "fix"):
            text = typed(self.fix) if label == "fix" else str(getattr(self, label))
            if len(text) > LONGEST:
                text = f"{text[:LONGEST]}... ({len(text)} characters)"
            if text or label == "got":
                lines.append(f"  {label + ':':<10}{text}")
        return "\n".join(lines)


@contextmanager
def reading(what: str, path: object, fix: str) -> Iterator[None]:
    """Raise `UserError` that names a file, as "the goldens of fig4", if it cannot be read."""
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

    In `fix`, {} is the nearest of the valid ones, or the first where none comes close.
    """
    names = list(valid)
    close = nearest(name, names) or next(iter(names), "...")
    expected = "one of " + ", ".join(names) if names else "what exists"
    return UserError(what, got, expected, fix.replace("{}", close))


def from_here(path: Path) -> str:
    """Return a path relative to the current folder if it lies there."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def typed(fix: str) -> str:
    """Return a fix as it is typed; under make, as the Makefile's variables."""
    target = os.environ.get(BY_MAKE)
    if not target:
        return fix
    if choice := re.fullmatch(r"figure=fig(\w+)/(\w+)", fix):
        return f"make {target}-{choice[1]} PRESET={choice[2]}"
    assignments = re.fullmatch(r"[\w.@/]+=\S+(?: [\w.@/]+=\S+)*", fix)
    return f"ARGS='{fix}'" if assignments else fix


def run_command(command: Command) -> NoReturn:
    """Run a command with this process's arguments, and end the process.

    The exit status is the command's own, 0 if it returns none, 2 after a `UserError`, 130 after
    Ctrl-C, or 143 after SIGTERM.
    """
    listen()
    status = guarded(command, sys.argv[1:])
    speed.end()
    sys.exit(status)


def guarded(command: Command, arguments: list[str]) -> int:
    """Run a command and return its exit status; a user's mistake ends it with one message."""
    try:
        return command(arguments) or 0
    except UserError as error:
        print(error, file=sys.stderr)  # noqa: T201
    except BrokenPipeError:
        # As in `make params-6 | head`: who reads has seen enough. Python flushes again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        message = UserError(
            "the system refused a file or folder",
            error,
            "a results_dir that can be written, on a disk with room",
            "results_dir=another/folder",
        )
        print(message, file=sys.stderr)  # noqa: T201
    return 2
