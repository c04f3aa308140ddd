"""Atlas: its ranking is figure 8's."""

import numpy as np
import pytest

from explorers.code import code as written
from tests.explorers.opened import ROOT


def test_atlas(explorer):
    page = explorer("atlas")
    with np.load(ROOT / "beyond/figures/reference/fig8.npz") as arrays:
        panel = {n.partition("/")[2]: a for n, a in arrays.items() if n.startswith("regimes/")}
    names = list(map(str, panel["estimators"][0]))
    aligned = np.concatenate(list(panel["aligned"].astype(float)), axis=2)

    def rows():
        return page.page.evaluate(
            """() => [...document.querySelectorAll("#rows tr")].map(row => ({
                name: row.dataset.name,
                rival: row.textContent.includes("≈"),
                ...Object.fromEntries([...row.querySelectorAll("td[data-value]")]
                    .map(cell => [cell.dataset.statistic, Number(cell.dataset.value)])),
            }))"""
        )

    for cell, (depth, _, beta, _) in enumerate(panel["cells"][0].astype(int)):
        column = cell % 4
        budget = int(panel["budgets"][0, column])
        page.set(depth=int(depth), beta=int(beta), budget=budget, scope=("any", "layers")[cell % 2])
        page.set(by="median")
        shown = rows()
        best = panel["best"][cell % 2, cell, column]
        assert shown[0]["name"] == (names[best] if best >= 0 else "exact_enumeration")
        if best < 0:
            shown = shown[1:]
        wanted = {names[i] for i in np.flatnonzero(panel["rivals"][cell % 2, :, cell, column])}
        assert {row["name"] for row in shown if row["rival"]} == wanted
        for row in shown:
            at = names.index(row["name"]), cell, column
            if not np.isfinite(panel["alignment"][at]):
                assert "median" not in row
                continue
            displayed = [row[name] for name in ("median", "mean", "low", "worst")]
            pooled = [panel[name][at] for name in ("alignment", "p10_alignment", "min_alignment")]
            pooled.insert(1, aligned[at[0], cell, :, column].mean())
            assert displayed == pytest.approx(pooled, rel=1e-6, abs=1e-7)
        scores = [row.get("median", -2) for row in shown]
        assert scores == sorted(scores, reverse=True)
    page.set(by="worst")
    assert rows()[0]["worst"] == max(row.get("worst", -2) for row in rows())
    code = page.page.locator("#code")
    assert code.text_content() == written(rows()[0]["name"])
    page.page.get_by_role("button", name="SG, matched").click()
    page.page.wait_for_function("document.getElementById('code').textContent == 'snn.Surrogate()'")


def test_a_budget_of_one_run_names_what_each_estimator_needs(explorer):
    page = explorer("atlas")
    page.set(depth=2, beta=4, budget=1, scope="layers")
    needs = page.page.evaluate(
        """() => [...document.querySelectorAll("#rows tr:has(.unit)")]
            .map(row => [row.dataset.name, row.querySelector(".unit").textContent])"""
    )
    # A flip in each of 10 neurons and a plain run; few flips, and layers; a leave-one-out baseline.
    assert dict(needs) == {
        "stochastic_ad": "needs 11 runs",
        "stochastic_ad_few_flips": "needs 3 runs",
        "disarm": "needs 4 runs",
        "score_function": "needs more than one trial",
    }
    for name in page.page.locator("#rows button").all():
        label = name.inner_text()
        name.click()
        page.page.wait_for_function(
            "label => document.getElementById('code_of').textContent.endsWith(label + ':')",
            arg=label,
        )
        note = page.page.locator("#caveat").text_content()
        assert note.partition(";")[0] in ("biased", "unbiased"), label
