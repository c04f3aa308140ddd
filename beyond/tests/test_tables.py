"""Pages with tables from the committed numbers are what the command writes."""

import pytest

from beyond.scripts import tables


@pytest.mark.parametrize("page", tables.PAGES, ids=lambda page: page.PAGE.stem)
def test_a_page_is_not_stale(page):
    assert page.PAGE.read_text() == page.written(), "python -m beyond.scripts.tables"
