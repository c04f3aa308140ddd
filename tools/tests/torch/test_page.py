"""The page on PyTorch prints what it says."""

from tests.test_docs import ROOT, assert_prints_what_it_says, blocks
from tools.tests.torch.libraries import torch

PAGE = ROOT / "tools" / "docs" / "torch.md"


def test_python_blocks_run_and_print_what_the_page_says():
    printed = [expected for _, expected in blocks(PAGE.read_text()) if expected is not None]
    assert len(printed) == 2
    with torch.random.fork_rng():
        assert_prints_what_it_says(PAGE)
