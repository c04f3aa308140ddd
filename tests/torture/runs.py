"""The command that runs a figure, and the numbers that it keeps."""

import sys
from pathlib import Path

from experiments.engine.cache import checksum, load_result


def command(choice: str, results: Path) -> list[str]:
    """The command that runs a figure, chosen as "fig5/smoke"."""
    module = [sys.executable, "-m", "experiments.run", f"figure={choice}"]
    return [*module, f"results_dir={results}"]


def cached_checksums(results: Path) -> dict[str, str]:
    """Checksums of what the cache holds, by key."""
    folder = results / "cache"
    keys = [path.stem for path in folder.glob("*.npz")]
    return {key: checksum(part[0]) for key in keys if (part := load_result(folder, key))}
