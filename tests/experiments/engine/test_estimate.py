"""What a run will take is told before it starts, and what cannot fit is refused."""

import json
import subprocess
import sys

import pytest

from experiments.engine import estimate
from experiments.engine.compose import plan
from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from experiments.spike_timing.spike_matching import SpikeMatching

TOO_LARGE = {
    "trials": ("fig1", "panels.neuron.n_trials=100000000", "panels.neuron.n_trials=10000000"),
    "points": ("fig4", "panels.plane.n_v1=100000000", "panels.plane.n_v1="),
    "axis": ("fig5", "panels.published.n_plane=100000000", "panels.published.n_plane="),
    "networks": ("fig3", "panels.depth.n_networks=100000000", "panels.depth.n_networks="),
    "layers": ("fig2", "panels.limit.mlp_sizes=[2,9999999,9]", "panels.limit.mlp_sizes=[2,"),
    "steps": ("fig6", "panels.stochastic.n_steps=1000000", "panels.stochastic.n_steps="),
    "rows": ("fig6", "panels.stochastic.n_outputs=100000000", "panels.stochastic.n_outputs="),
    "filters": ("fig7", "panels.stochastic.filters=[16,99999999,8]", "filters=[16,"),
    "depth": ("fig8", "panels.depth.depths=[1,100000]", "panels.depth.depths=[1,"),
    "true gradient": ("fig9", "panels.noise.n_trials=100000000", "panels.noise.n_trials="),
    "neurons": ("fig9", "panels.easy.n_hidden=1000000", "panels.easy.n_hidden="),
}


@pytest.mark.parametrize(("figure", "override", "fix"), TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_what_does_not_fit_is_refused_with_what_to_lower(monkeypatch, figure, override, fix):
    monkeypatch.setattr(estimate, "machine_memory", lambda: 8e9)
    with pytest.raises(UserError, match="does not fit into memory") as error:
        plan(Project(), [f"figure={figure}/smoke", override])
    assert fix in error.value.fix
    assert "less than the 8 GB" in str(error.value)


def test_a_byte_more_than_there_is_does_not_fit(monkeypatch):
    network = SpikeMatching()
    monkeypatch.setattr(estimate, "machine_memory", lambda: 4 * network.held())
    estimate.refuse_too_large(network, "p", 4)
    monkeypatch.setattr(estimate, "machine_memory", lambda: 4 * network.held() - 1)
    with pytest.raises(UserError, match="does not fit into memory"):
        estimate.refuse_too_large(network, "p", 4)


def test_single_precision_takes_half_as_much(monkeypatch):
    given = ["figure=fig6/smoke", "panels.stochastic.n_outputs=3000"]
    held = plan(Project(), [*given, "compute=never"]).root.panels["stochastic"].held()
    monkeypatch.setattr(estimate, "machine_memory", lambda: 6 * held)
    plan(Project(), given)
    with pytest.raises(UserError, match="does not fit into memory"):
        plan(Project(), [*given, "runtime.x64=true"])


def test_what_is_offered_fits(monkeypatch):
    monkeypatch.setattr(estimate, "machine_memory", lambda: 8e9)
    network = SpikeMatching(n_outputs=10**8, n_epochs=10**6, seeds=[0])
    with pytest.raises(UserError) as error:
        estimate.refuse_too_large(network, "p", 4)
    name, _, value = error.value.fix.removeprefix("p.").partition("=")
    assert name == "n_outputs"
    network.n_outputs = int(value)
    estimate.refuse_too_large(network, "p", 4)
    assert network.held() * 4 > 8e8


def test_what_is_in_the_cache_is_drawn_on_any_machine(monkeypatch):
    monkeypatch.setattr(estimate, "machine_memory", lambda: 1e3)
    with pytest.raises(UserError, match="does not fit into memory"):
        plan(Project(), ["figure=fig5/smoke"])
    assert plan(Project(), ["figure=fig5/smoke", "compute=never"])


def test_memory_is_what_the_process_may_use():
    code = "import resource; from experiments.engine.estimate import machine_memory as memory\n"
    code += "before = memory(); resource.setrlimit(resource.RLIMIT_AS, (10**10, 10**10))\n"
    code += "assert 1e8 < before and memory() == min(before, 10**10)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_as_much_is_held_as_is_declared():
    """More by what the compiler adds, but not many times as much."""
    code = """
from experiments.engine.provenance import peak_memory_mb
from experiments.engine.runtime import activate
from experiments.engine.schema import Runtime
from experiments.single_neuron.neuron_response import NeuronResponse
activate(Runtime())
few, many = (NeuronResponse(n_trials=n, n_points=10, seeds=[0]) for n in (1000, 1_000_000))
peaks = [(config.compute(0), peak_memory_mb())[1] for config in (few, many)]
print((peaks[1] - peaks[0]) / (8e-6 * many.held()))
"""
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 1 < float(shown.stdout) < 4


MEASURED = [
    {"process_s": 20, "work": 1e6},
    {"process_s": 110, "work": 1e8},
    {"process_s": 900, "work": 1e9},
    {"process_s": 7},
]


def test_a_preset_takes_what_it_took_and_others_in_proportion_to_the_nearest():
    for entry in MEASURED[:3]:
        assert estimate.expected_seconds(MEASURED, entry["work"]) == entry["process_s"]
    assert estimate.expected_seconds(MEASURED, 2e8) == 220
    assert estimate.expected_seconds(MEASURED, 4e8) == 360
    assert estimate.expected_seconds(MEASURED, 1e10) == 9000
    assert estimate.expected_seconds(MEASURED[3:], 1e3) == 0


@pytest.mark.parametrize(
    ("seconds", "words"), [(61, "1 min"), (5000, "83 min"), (9000, "2.5 h"), (3e5, "3.5 days")]
)
def test_times_are_told_in_words(seconds, words):
    assert estimate.told(seconds) == words


def test_the_time_is_told_before_a_long_run_alone(toy, capfd):
    amount = estimate.work(plan(toy.project, ["figure=fig7/smoke"]).root.experiments, {"wave": 1})
    path = toy.root / "docs" / "times.json"
    path.parent.mkdir()

    def said(seconds, *given):
        measured = {"smoke": {"process_s": seconds, "work": amount}}
        path.write_text(json.dumps({"figures": {"fig7": measured}}))
        assert toy.run("figure=fig7/smoke", *given) == 0
        return capfd.readouterr().err

    assert said(1200).startswith("fig7: will take about 20 min of processor time, by docs/times.md")
    assert "will take" not in said(1200)  # from the cache
    assert "will take" not in said(30, "compute=always")
