"""Overrides of the command line: read one by one, and a sweep's made into lists for single runs."""

import itertools
import math
import re
from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from experiments.engine.errors import UserError

MAX_RUNS = 10_000
"""Of a sweep; each is composed and checked before the first starts."""


def parse(overrides: Sequence[str]) -> list[Override]:
    """Parse overrides one by one, so that a malformed one can be named."""
    parser = OverridesParser.create()
    parsed = []
    for place, text in enumerate(overrides):
        try:
            item = parser.parse_override(text)
        # ValueError: a number of more digits than Python reads.
        except (HydraException, ValueError) as error:
            lines = [line for line in str(error).splitlines() if not line.startswith("See ")]
            what = f"an override could not be read ({(lines or [type(error).__name__])[-1]})"
            fix = "check the brackets; a text with spaces takes two pairs of quotes: 'key=\"a b\"'"
            if "=" not in text:
                fix = "write key=value, without spaces around ="
            if whole := _without_blanks(overrides[place:]):
                fix = f"leave out the blanks: '{whole}'"
            if re.fullmatch(r"fig\d+/\w+", text):
                fix = f"figure={text}"
            raise UserError(what, text, "key=value, as seeds=[0,1]", fix) from error
        if not item.key_or_group:
            raise UserError("an override names no key", text, "key=value", "name the key")
        for other in parsed:
            if other.get_key_element() == item.get_key_element() and as_given(other) != text:
                what, got = f"{item.key_or_group} is given twice", f"{as_given(other)} {text}"
                raise UserError(what, got, "one value for each parameter", f"leave out {text}")
        parsed.append(item)
    return parsed


def _without_blanks(words: Sequence[str]) -> str:
    """Return a list that a shell has cut at its blanks; empty if the first word opens none."""
    for end in range(2, len(words) + 1) if "[" in words[0] else ():
        joined = "".join(words[:end])
        if joined.count("[") == joined.count("]"):
            return joined
    return ""


def expand(overrides: Sequence[str]) -> list[list[str]]:
    """Return the overrides of every run of a multirun, as Hydra's sweeper does.

    Raises:
        UserError: If a sweep names no values, or more runs than are checked one by one.
    """
    settings, values = [], {}
    for item in parse(overrides):
        key = item.get_key_element()
        if item.is_hydra_override():
            settings.append(as_given(item))
        elif not item.is_sweep_override():
            values[key] = [as_given(item)]
        else:
            try:
                swept = itertools.islice(item.sweep_string_iterator(), MAX_RUNS + 1)
                values[key] = [f"{key}={value}" for value in swept]
            except HydraException as error:
                what = "a sweep has no list of values to check"
                raise UserError(what, as_given(item), "key=a,b or key=range(1,4)") from error
    if math.prod(map(len, values.values())) > MAX_RUNS:
        got = " ".join(overrides)
        raise UserError("a sweep of too many runs", got, f"at most {MAX_RUNS}", "fewer values")
    return [[*combination, *settings] for combination in itertools.product(*values.values())]


def refuse_sweep(item: Override) -> None:
    """Raise UserError for several values where one is meant."""
    if item.is_sweep_override():
        what, expected = "several values were given for one run", "one value, or a list in brackets"
        fix = f"{item.key_or_group}=[...] for a list, or -m to run once for each"
        raise UserError(what, as_given(item), expected, fix)


def as_given(item: Override) -> str:
    """Return an override as it was given."""
    return item.input_line or ""
