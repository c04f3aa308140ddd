"""Generation of a corpus on all cores, resumed after an interruption."""

import json
import logging
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event

from tqdm import tqdm

from experiments.datasets.synthetic import jobs
from experiments.datasets.synthetic.packages import require
from experiments.datasets.synthetic.plan import utterances
from experiments.datasets.synthetic.settings import CorpusSettings
from experiments.engine.cache import locked
from experiments.engine.progress import bar
from experiments.engine.provenance import cores

# Core seconds per utterance and for the tables, for the estimate that is shown at the start.
COST, TABLES_COST = 0.16, 12
WORKER = "experiments.datasets.synthetic.worker"
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
        UserError: if the optional packages are not installed.
        CalledProcessError: if the synthesis fails; the traceback of the failure is on stderr.
    """
    home = Path(folder) / settings.digest
    files = home / "speech_train.h5", home / "speech_test.h5"
    # Each file appears whole: `write` renames it from a temporary name.
    if not all(path.is_file() for path in files):
        require()
        with locked(home):
            if not all(path.is_file() for path in files):
                _generate(settings, home, files, workers or cores())
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
    spikes = [(settings, parts, tables, first, jobs.CHUNK) for first in missing]
    _run("ear: tables", membrane.tabulate, _shares(blocks, workers), workers)
    # eSpeak needs a fresh process for each speaker and language.
    _run("words", jobs.say, [[arguments] for arguments in words], workers)
    _run("spikes", jobs.hear, _shares(spikes, workers), workers)
    write(settings, parts, files)
    shutil.rmtree(parts)


def _shares(arguments: Sequence[tuple], n: int) -> list[Sequence[tuple]]:
    """Divide the arguments of jobs into `n` shares, or into one for each job if they are fewer."""
    return [arguments[i::n] for i in range(min(n, len(arguments)))]


def _run(title: str, job: Callable, shares: list[Sequence[tuple]], workers: int) -> None:
    """Run each share of jobs in a process of its own, at most `workers` at once."""
    processes: list[subprocess.Popen] = []
    stopped = Event()
    total = sum(map(len, shares))
    with ThreadPoolExecutor(workers) as pool, bar(desc=title, total=total) as shown:
        futures = [pool.submit(_work, job, share, processes, stopped, shown) for share in shares]
        try:
            for future in as_completed(futures):
                future.result()
        finally:
            # After an error or Ctrl-C no share starts, and running ones end.
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.kill()


def _work(
    job: Callable,
    share: Sequence[tuple],
    processes: list[subprocess.Popen],
    stopped: Event,
    shown: tqdm,
) -> None:
    """Run a share of jobs in a new process, and advance the bar after each job."""
    if stopped.is_set():
        return
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # The worker imports from the same folders as this process.
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    processes.append(process)
    # A stop just before the process was listed has not ended it.
    if stopped.is_set():
        process.kill()
    with process:
        assert process.stdin and process.stdout
        # A process that has ended cannot read. Its status is reported below.
        with suppress(BrokenPipeError), process.stdin:
            pickle.dump((job, share), process.stdin)
        for _ in process.stdout:
            shown.update()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)


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
