"""What the explorers are made of; needs no browser."""

import base64
import json
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.estimators import CATALOGUE, estimator
from explorers import __main__ as explorers
from explorers.code import code
from figures import style
from figures.looks import LOOKS
from snn.estimators.base import Oracle
from tests.explorers.opened import ROOT


def test_pages_need_nothing_from_elsewhere():
    for path in explorers.PAGES.rglob("*.*"):
        assert "http" not in path.read_text().replace("http://www.w3.org", ""), path


def test_every_page_links_to_all():
    pages = {path.name: path.read_text() for path in explorers.PAGES.glob("*.html")}
    linked = {
        name: re.findall(r'href="(.*?)"', re.search("<nav.*?</nav>", text)[0])
        for name, text in pages.items()
    }
    assert all(set(links) == {"../index.html", *pages} for links in linked.values())


def test_the_site_adds_its_search_and_contents(tmp_path):
    (tmp_path / "index.html").write_text(
        '<span class="caption-text">Theory</span>'
        '<li class="toctree-l1 current">'
        '<a class="reference internal" href="couplings.html">Couplings</a>'
    )
    explorers.build(tmp_path / "explorers")
    page = (tmp_path / "explorers" / "paths.html").read_text()
    assert '<b>Theory</b><ul><li><a href="../couplings.html">Couplings</a></li></ul>' in page
    assert 'action="../search.html"' in page and 'src="js/files.js"' in page
    assert (tmp_path / "explorers" / "js" / "files.js").is_file()


def test_colours_are_those_of_the_figures():
    looks = explorers.looks()
    for name, color in {
        **style.MODES,
        "smoothed": LOOKS["mean_field"].color,
        "surrogate": LOOKS["surrogate"].color,
        "unbiased": LOOKS["stochastic_ad"].color,
        "wrong": style.WRONG["color"],
        "exact": LOOKS["exact"].color,
    }.items():
        assert f"--{name}: {color};" in looks
    used = set()
    for path in explorers.PAGES.rglob("*.*"):
        used |= set(re.findall(r"var\(--([a-z-]+)\)", path.read_text()))
        assert not re.findall(
            "|".join(set(style.MODES.values()) | {LOOKS["mean_field"].color}), path.read_text()
        )
    page = (explorers.PAGES / "style.css").read_text().split("}")[0]
    assert used - {"tint"} <= set(re.findall("--([a-z-]+):", looks + page))


def test_data_are_the_committed_numbers(site):
    folder = site.folder / "data"
    assert all(path.stat().st_size < 1e6 for path in folder.iterdir())
    with np.load(ROOT / "figures/reference/fig6.npz") as arrays:
        written = json.loads((folder / "spike_timing.json").read_text())
        bits = np.unpackbits(
            np.frombuffer(base64.b64decode(written["frames"]["stochastic"][-1]), np.uint8)
        )
        raster = arrays["stochastic/frames"][0, -1].T
        assert np.array_equal(bits[: raster.size].reshape(raster.shape), raster)
        along = written["curves"]["deterministic"]["l2"]["along"]
        assert np.array(along) == pytest.approx(arrays["deterministic/l2"].astype(float), rel=1e-4)


def test_every_line_of_code_makes_the_estimator_of_its_name():
    """One form with the same numbers, or another one that gives the same gradient."""
    beta = 4.0
    network = snn.MLP((2, 2, 1), escape=snn.escape.Sigmoid(beta))
    program = snn.Program(network, jnp.array([1.0, -0.5]), snn.losses.Linear())
    params = network.init(jax.random.key(0))
    noise = snn.draw_noise(program, params, jax.random.key(1), 4)

    def gradient(each):
        asked = () if isinstance(each, Oracle) else (noise, jax.random.key(2))
        return jax.tree.leaves(each(program, params, *asked).grad)

    for name in CATALOGUE:
        both = eval(code(name), {"snn": snn, "beta": beta}), estimator(name, beta=beta)
        alike = len(set(map(jax.tree.structure, both))) == 1
        numbers = map(jax.tree.leaves if alike else gradient, both)
        for one, other in zip(*numbers, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-6, err_msg=name)
