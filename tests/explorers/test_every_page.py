"""Explorers, and each kind of page of the site: accessible, no wider than the window, and still."""

import pytest

from scripts import explorers
from tests.explorers.opened import ROOT, WIDTHS, Explorer

EXPLORERS = sorted(path.stem for path in explorers.PAGES.glob("*.html") if path.stem != "index")
KINDS = {
    "start": "index",
    "figures": "figures/index",
    "figure": "figures/fig8",
    "tutorial": "tutorial",
    "mathematics": "estimators/surrogate",
    "table": "audit",
    "module": "api/snn.estimators.surrogate",
    "source": "code/figures/fig4.py",
    "runs": "runs",
}
"""A page of each kind, by its place in the built site."""

FIRST = 1.0
"""Seconds from the start of loading until a control has moved the picture, in which it must."""

SHIFTS = """() => new Promise(done => {
    let total = 0;
    new PerformanceObserver(list => { for (const e of list.getEntries()) total += e.value; })
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(total), 150);
})"""


def is_accessible_and_fits(page):
    """Of axe's findings none is serious or critical, and nothing reaches beyond the window."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, (page.url, [(v["id"], v["nodes"][0]["html"]) for v in serious])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_is_accessible_and_holds_still(browser, site, name, width):
    opened = Explorer(browser, site, name, WIDTHS[width])
    page = opened.page
    # Keyboard: the first control takes an arrow, and the page follows.
    before = page.evaluate("document.documentElement.dataset.drawn")
    page.locator("form input").first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "before => document.documentElement.dataset.drawn !== before", arg=before
    )
    assert page.evaluate(SHIFTS) < 0.01
    is_accessible_and_fits(page)
    assert not opened.errors
    page.close()
