"""The folder of a run: a preset's, or one named by what was changed, which no other run takes."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.engine.errors import UserError

LONGEST = 80
"""Characters of a name; file systems allow 255, with the figure's name and suffixes."""
UNSAFE = re.compile(r"[^\w.,=+-]", re.ASCII)
RECORD = "meta.json"


def own_name(modified: Sequence[str]) -> str:
    """A name that a shell and every file system can take, of what differs from a preset.

    Two sets of changes never share one: where characters are left out, a hash of all is put in.

    Args:
        modified: Every "key=value" that differs, as "panels.published.radius=1.0".

    Returns:
        As "published.radius=1.0"; panels that were changed alike stand together, "a,b.radius=1.0".
    """
    owners: dict[str, list[str]] = {}
    for item in modified:
        group, _, rest = item.partition(".")
        panel, _, change = rest.partition(".") if group in ("panels", "checks") else ("", "", item)
        owners.setdefault(change, []).append(panel)
    parts = [".".join(filter(None, (",".join(panels), what))) for what, panels in owners.items()]
    whole = "+".join(parts)
    # The brackets of a list say nothing: a parameter is a list, or it is none.
    plain = re.sub(r"=\[([^\[\]]*)\]", r"=\1", whole)
    safe = UNSAFE.sub("_", plain)
    if safe == plain and len(safe) <= LONGEST:
        return safe
    digest = hashlib.sha256("\n".join(modified).encode()).hexdigest()[:8]
    return f"{safe[: LONGEST - 9]}-{digest}"


def check_name(name: str) -> None:
    """Refuses a name of the user's that cannot be a part of a folder's; an empty one is none."""
    if UNSAFE.search(name) or len(name) > LONGEST:
        expected = f"at most {LONGEST} letters, digits and any of _ . , = + -"
        safe = UNSAFE.sub("-", name)[:LONGEST]
        raise UserError("name cannot be part of a folder's name", name, expected, f"name={safe}")


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record of the run in a folder; None where there is none, or a damaged one."""
    try:
        record = json.loads((folder / RECORD).read_text())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "figure" in record else None


def refuse_taken(folder: Path, modified: Sequence[str], name: str) -> None:
    """Refuses to put a run where one of other parameters is.

    Args:
        folder: Where the run is to go.
        modified: What differs from its preset.
        name: What the user calls it; empty for a folder of its own, which no other run takes.
    """
    record = read_record(folder) if name else None
    if record and record["modified"] != list(modified):
        raise UserError(
            f"there is a run named {name} already, with other parameters",
            " ".join(modified) or "the preset as it is",
            "the parameters of that run: " + (" ".join(record["modified"]) or "the preset's"),
            f"name={name}-2, or remove {folder}",
        )
