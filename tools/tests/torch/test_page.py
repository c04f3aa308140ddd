"""The page on PyTorch prints what it says."""

import contextlib
import io

from tests.test_docs import ROOT, blocks
from tools.tests.torch.libraries import torch

PAGE = ROOT / "tools" / "docs" / "torch.md"


def test_python_blocks_run_and_print_what_the_page_says():
    namespace = {"__name__": "__docs__"}
    printed = [expected for _, expected in blocks(PAGE.read_text()) if expected is not None]
    assert len(printed) == 2
    with torch.random.fork_rng():
        for source, expected in blocks(PAGE.read_text()):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(source, str(PAGE), "exec"), namespace)
            assert expected in (None, said.getvalue())
