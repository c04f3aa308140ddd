"""The name of a run's folder, by what was changed; no other run has it."""

import hashlib
import re
from collections.abc import Sequence

from experiments.engine.errors import UserError

LONGEST = 80
"""Characters of a name; file systems allow 255, with the figure's name and suffixes."""
UNSAFE = re.compile(r"[^\w.,=+-]", re.ASCII)


def own_name(modified: Sequence[str]) -> str:
    """Name what differs from a preset so that a shell and every file system can take it.

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
    """Refuse a user's name that cannot be part of a folder's; an empty one is none."""
    if UNSAFE.search(name) or len(name) > LONGEST or name[:1] in (*"-.",):
        expected = f"at most {LONGEST} letters, digits and any of _ . , = + -, no . or - first"
        safe = UNSAFE.sub("-", name).lstrip("-.")[:LONGEST] or "mine"
        raise UserError("name cannot be part of a folder's name", name, expected, f"name={safe}")
