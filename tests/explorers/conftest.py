"""The explorers behind a file server, and one browser for all of their tests."""

import importlib.util
from pathlib import Path
from typing import NamedTuple

import pytest

from explorers import __main__ as explorers
from tests.explorers.opened import CHROMIUM, ROOT, Explorer, chromium, served

MISSING = [
    *(["a Chromium (apt-get install chromium)"] if CHROMIUM is None else []),
    *(
        f"the package {name.replace('_', '-')}"
        for name in ("playwright", "axe_playwright_python")
        if importlib.util.find_spec(name) is None
    ),
]


class Site(NamedTuple):
    """Where the explorers are."""

    address: str
    folder: Path

    def __str__(self):
        return self.address


@pytest.fixture(scope="package")
def site(tmp_path_factory):
    """The explorers as they are published."""
    folder = tmp_path_factory.mktemp("explorers")
    explorers.build(folder)
    with served(folder) as address:
        yield Site(address, folder)


@pytest.fixture(scope="package")
def published():
    """The address of the companion site, as it was last built."""
    if not (ROOT / "site" / "index.html").is_file():
        pytest.skip("without site/ (make site)")
    with served(ROOT / "site") as address:
        yield address


@pytest.fixture(scope="package")
def browser():
    """A headless Chromium; its tests are skipped by name where it, or a package, is missing."""
    if MISSING:
        pytest.skip(f"without {' and '.join(MISSING)}")
    return chromium()[1]


def pytest_sessionfinish():
    """End the browser once, whichever rooms have used it."""
    if chromium.cache_info().currsize:
        playwright, browser = chromium()
        browser.close()
        playwright.stop()
        chromium.cache_clear()


@pytest.fixture
def explorer(browser, site):
    """Open an explorer; closing checks that nothing went wrong."""
    opened = []

    def open_page(name):
        opened.append(Explorer(browser, site, name))
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()
