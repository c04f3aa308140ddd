"""Tables of the ear, computed once and kept in the project's cache, since they take a while."""

from pathlib import Path

import pytest

from experiments.datasets.synthetic.corpus import NEEDED, require, tables_folder
from experiments.engine.errors import UserError

CACHE = Path(__file__).parents[4] / "results" / "cache" / "speech"


@pytest.fixture(scope="session")
def tables():
    """Folder of the membrane's tables; skips where speech cannot be generated."""
    try:
        require()
    except UserError:
        pytest.skip(f"the extra 'speech' is not installed ({', '.join(NEEDED)}): make test does it")
    from experiments.datasets.synthetic import membrane

    folder = tables_folder(CACHE)
    folder.mkdir(parents=True, exist_ok=True)
    for block in range(membrane.N_BLOCKS):
        membrane.tabulate(folder, block)
    return folder
