"""Verification of generated data sets, by hashes that are stored with their files.

Without hashes, a damaged file, or a file of another seed under the same name, would go unnoticed.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.compute.atomic import file_hash, write_text
from experiments.engine.errors import UserError

RECORD = "sha256.json"
"""File with the digest of the settings and the hash of each file of the set."""
AGAIN = "remove the folder of these files and run again: they are generated anew"
"""Advice to the user about files that fail the verification."""


def is_complete(files: Sequence[Path]) -> bool:
    """Return whether the generation of a set has finished; hashes are stored last."""
    return all(path.is_file() for path in (*files, files[0].with_name(RECORD)))


def store(files: Sequence[Path], digest: str) -> None:
    """Store the hashes of new files.

    Args:
        files: The set's files, in one folder.
        digest: Hash of the settings and the code that generated them.
    """
    record = {"settings": digest, **{path.name: file_hash(path) for path in files}}
    write_text(files[0].with_name(RECORD), json.dumps(record, indent=1) + "\n")


def check(files: Sequence[Path], digest: str) -> None:
    """Raise `UserError` if files differ from those generated with the settings.

    Args:
        files: The set's files, in one folder.
        digest: Hash of the settings and the code that generate the set.

    Raises:
        UserError: If a file is missing or has another content.
    """
    path = files[0].with_name(RECORD)
    try:
        record = json.loads(path.read_text())
        entries = {name: record.get(name) for name in ("settings", *(file.name for file in files))}
    except (OSError, ValueError, AttributeError) as error:
        got = f"{path}: {type(error).__name__}"
        raise UserError(
            "hashes of a generated data set cannot be read", got, "what its generation wrote", AGAIN
        ) from error
    present = {"settings": digest, **{file.name: file_hash(file) for file in files}}
    for name, expected in entries.items():
        if present[name] != expected:
            what = f"{path.with_name(name)} is not the file that was generated"
            if name == "settings":
                what = f"the data set in {path.parent} was generated with other settings"
            raise UserError(what, f"sha256 {present[name]}", f"sha256 {expected}", AGAIN)
