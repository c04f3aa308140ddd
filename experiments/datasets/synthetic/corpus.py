"""Generation of a corpus on all cores, resumed after an interruption."""

import json
import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from experiments.datasets import generated
from experiments.datasets.synthetic import jobs
from experiments.datasets.synthetic.packages import require
from experiments.datasets.synthetic.plan import utterances
from experiments.datasets.synthetic.settings import CorpusSettings
from experiments.engine.compute.atomic import locked
from experiments.engine.compute.progress import track
from experiments.engine.compute.provenance import cores

# Core seconds per utterance and for the tables, for the estimate that is shown at the start.
COST, TABLES_COST = 0.16, 25
log = logging.getLogger(__name__)


def generate(
    settings: CorpusSettings, folder: Path | str, workers: int | None = None
) -> tuple[Path, Path]:
    """Generate a corpus of synthetic spoken digits, unless it exists.

    The same settings give the same bits on the same installation, whatever the number of workers
    and however often the generation was interrupted.

    Args:
        settings: Size and seed.
        folder: Cache of corpora; this one goes to `folder/<settings.digest>`.
        workers: Processes; default is one per core.

    Returns:
        The files of the training and the test set, HDF5 in the schema of the Heidelberg sets.

    Raises:
        UserError: if the optional packages are not installed, or a file is not the one that was
            generated.
        RuntimeError: if the synthesis fails.
    """
    home = Path(folder) / settings.digest
    files = home / "speech_train.h5", home / "speech_test.h5"
    if not generated.is_complete(files):
        require()
        with locked(home):
            if not generated.is_complete(files):
                _generate(settings, home, files, workers or cores())
                generated.store(files, settings.digest)
    generated.check(files, settings.digest)
    return files


def _generate(settings: CorpusSettings, home: Path, files: tuple[Path, Path], workers: int) -> None:
    from experiments.datasets.synthetic import membrane
    from experiments.datasets.synthetic.schema import write

    parts = home / "parts"
    tables = jobs.tables_folder(home.parent)
    for path in (parts, tables):
        path.mkdir(parents=True, exist_ok=True)
    (home / "settings.json").write_text(json.dumps(asdict(settings), indent=1) + "\n")
    n = settings.n_train + settings.n_test
    missing = [i for i in range(0, n, jobs.CHUNK) if not jobs.spikes_path(parts, i).exists()]
    _announce(home, n, len(missing) * jobs.CHUNK, workers)
    voices = sorted({(u.speaker, u.language) for u in utterances(settings)})
    # Processes start for missing files only.
    blocks = [
        (tables, block)
        for block in range(membrane.N_BLOCKS)
        if not membrane.table_path(tables, block).exists()
    ]
    words = [
        (settings, parts, *voice) for voice in voices if not jobs.words_path(parts, *voice).exists()
    ]
    spikes = [(settings, parts, tables, first) for first in missing]
    # eSpeak needs a fresh process for each speaker and language.
    for title, job, arguments, per_process in (
        ("ear: tables", membrane.tabulate, blocks, None),
        ("words", jobs.say, words, 1),
        ("spikes", jobs.hear, spikes, None),
    ):
        _run(title, job, arguments, workers, per_process)
    write(settings, parts, files)
    shutil.rmtree(parts)


def _run(
    title: str, job: Callable, arguments: list[tuple], workers: int, per_process: int | None
) -> None:
    if not arguments:
        return
    # Never forked: the caller may have started threads, those of JAX for instance.
    pool = ProcessPoolExecutor(
        workers, get_context("spawn"), jobs.start, max_tasks_per_child=per_process
    )
    with pool:
        futures = [pool.submit(job, *each) for each in arguments]
        try:
            for future in track(as_completed(futures), title, len(futures)):
                future.result()
        except BaseException:
            # A shutdown that does not wait makes Python fail when a worker ends later.
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _announce(home: Path, n: int, n_missing: int, workers: int) -> None:
    minutes = (n_missing * COST + TABLES_COST) / workers / 60
    log.info(
        "speech: %d of %d synthetic utterances to generate in %s, about %d min on %d cores",
        n_missing,
        n,
        home,
        max(1, round(minutes)),
        workers,
    )
