"""Write a corpus of synthetic spoken digits for use elsewhere, and its statistics.

With --n-train 160 --n-test 40 --fixture, also regenerate the fixture of `experiments/datasets`,
which is the same data set, zipped.
"""

import argparse
import zipfile
from collections.abc import Sequence
from pathlib import Path

from experiments.datasets import synthetic
from experiments.engine.cache import new_file
from experiments.engine.errors import run_command

DATASETS = Path(__file__).parents[1] / "experiments" / "datasets"


def main(arguments: Sequence[str]) -> None:
    """Generate the corpus, and print its statistics."""
    from experiments.datasets.synthetic.statistics import comparison, summary

    parser = argparse.ArgumentParser("python -m scripts.speech_corpus", description=__doc__)
    default = synthetic.CorpusSettings()
    parser.add_argument("--n-train", type=int, default=default.n_train, help="multiple of 20")
    parser.add_argument("--n-test", type=int, default=default.n_test, help="multiple of 40")
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--workers", type=int, help="processes; default is one per core")
    parser.add_argument("--out", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--fixture", action="store_true", help="also replace the committed fixture")
    options = parser.parse_args(arguments)
    settings = synthetic.CorpusSettings(options.n_train, options.n_test, options.seed)
    files = synthetic.generate(settings, options.out, options.workers)
    print(*files, sep="\n")
    print(comparison(summary(*files)), end="")
    if options.fixture:
        for file in files:
            name = file.name.replace("speech", "fixture")
            print(zipped(file, name, DATASETS / f"{name}.zip"))


def zipped(file: Path, name: str, archive: Path) -> Path:
    """Zip a file without time stamps: equal files give equal archives.

    Args:
        file: The file.
        name: Its name in the archive.
        archive: The archive to write.

    Returns:
        The archive.
    """
    with new_file(archive) as temporary, zipfile.ZipFile(temporary, "w") as target:
        member = zipfile.ZipInfo(name)
        target.writestr(member, file.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return archive


if __name__ == "__main__":
    run_command(main)
