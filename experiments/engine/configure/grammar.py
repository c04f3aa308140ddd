"""Values as people type them, in the grammar of Hydra's overrides."""

import os
import re
from collections.abc import Sequence

PLAIN = re.compile(r"[A-Za-z0-9_\-/.:+%*@?| ]*")
"""Texts that Hydra reads without quotes."""
TEXT = re.compile(r"[^\[\]{}(),$\\]+")
"""A text in a value: between the characters of lists, mappings, functions and sweeps."""
ESCAPED = re.compile(r"[\\()\[\]{}:=, ]")
"""Characters that lose their meaning behind a backslash."""


def readable(override: str) -> str:
    """Return an override in a form that Hydra can read.

    Texts with characters that Hydra's grammar lacks, as in `all.image=Büro.png` and
    `results_dir=~/results`, are quoted. `all.NAME` gets the + of a key that is added; other
    parameters are never added.
    """
    key, equals, value = override.partition("=")
    key, value = key.strip(), value.strip()
    if not key.startswith("+hydra"):
        key = key.lstrip("+")
    if key.startswith("all."):
        key = f"+{key}"
    if value.startswith("~/"):
        value = os.path.expanduser(value)
    if not set(value) & {"'", '"'}:
        value = TEXT.sub(lambda m: m[0] if PLAIN.fullmatch(m[0]) else quoted(m[0]), value)
    return f"{key}{equals}{value}"


def quoted(text: str) -> str:
    """Return a text in Hydra's quotes."""
    # Only before a quote, and at the end, is a backslash doubled.
    inner = re.sub(r"(\\*)'", r"\1\1\\'", text)
    return "'" + re.sub(r"(\\+)$", r"\1\1", inner) + "'"


def corrected(override: str, overrides: Sequence[str]) -> str:
    """Return what to type in a shell in place of an override that Hydra cannot read.

    Args:
        override: The override that Hydra's parser refused.
        overrides: All overrides, in order. A shell may have split one at its spaces, as in
            `seeds=[10, 60]` and `beta = 7`.
    """
    rest = [text for text in overrides if not text.startswith("figure=")]
    joined = re.sub(r"\s*([=,])\s*|(?<=\[)\s+|\s+(?=\])", r"\1", " ".join(rest))
    if joined != " ".join(rest):
        return joined
    key, equals, value = override.partition("=")
    if not equals or not value:
        return "key=value"
    if value.count("[") != value.count("]") or value.count("{") != value.count("}"):
        return "close every bracket"
    if set(value) & {"'", '"'}:
        return f'"{key}={quoted(value)}"'
    return f"'{key}={ESCAPED.sub(_backslash, value)}'"


def _backslash(match: re.Match[str]) -> str:
    return "\\" + match[0]
