"""A run of one's own has its own folder."""

import pytest

from experiments.engine.config import LONGEST_NAME, UNSAFE, Project, own_name, plan
from experiments.engine.errors import UserError
from experiments.loading import load


def npz_bytes(toy, folder):
    return (toy.results / "smoke" / folder / "fig7.npz").read_bytes()


def test_neither_a_preset_nor_another_run_is_overwritten(toy, capfd):
    changed = "panels.wave.n_points=9"
    for arguments in [(), (changed,), ("panels.wave.n_points=8",)]:
        assert toy.run("figure=fig7/smoke", *arguments) == 0
    folders = {path.name for path in (toy.results / "smoke").glob("fig*")}
    assert folders == {"fig7", "fig7-wave.n_points=9", "fig7-wave.n_points=8"}
    assert npz_bytes(toy, "fig7-wave.n_points=9") != npz_bytes(toy, "fig7")
    assert len(toy.keys()) == 3, "the cache is shared"
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.endswith("results/smoke/fig7-wave.n_points=8/fig7.png")
    toy.check_whole()


@pytest.mark.parametrize(
    ("mapping", "keys"),
    [
        ("runtime={x64:true}", ["runtime.x64=true"]),
        ("runtime={platform:cpu}", ["runtime.platform=cpu"]),
        (
            "panels={published:{radius: 2, n_angles: 9}}",
            ["published.radius=2", "published.n_angles=9"],
        ),
        ("all={radius: 2}", ["all.radius=2"]),
        ("panels.published={}", []),
        ("runtime={}", []),
    ],
)
def test_a_mapping_names_a_run_as_its_keys_do(mapping, keys):
    keys = [f"panels.{key}" if key.startswith("published") else key for key in keys]
    run, same = (plan(Project(), ["figure=fig5/smoke", *typed]) for typed in ([mapping], keys))
    assert run.modified == same.modified and run.folder == same.folder
    assert run.config == same.config
    assert bool(run.modified) == bool({*keys} - {"runtime.platform=cpu"})


@pytest.mark.parametrize(
    ("figure", "typed"),
    [("fig5", "all.radius=-1.0"), ("fig7", "data.n_train=0"), ("fig7", "seeds=[-1]")],
)
def test_a_message_names_the_key_that_was_typed(figure, typed):
    with pytest.raises(UserError) as refused:
        plan(Project(), [f"figure={figure}/smoke", typed])
    key = typed.partition("=")[0]
    assert refused.value.what.startswith(f"{key} "), refused.value
    assert refused.value.fix.startswith(f"{key}="), refused.value


def test_typed_seeds_are_those_of_every_panel_but_the_named():
    def seeds(*typed: str) -> dict[str, list[int | None]]:
        panels = plan(Project(), ["figure=fig7/paper", *typed]).panels
        return {name: x.seed_list for name, x in panels.items()}

    assert len({str(x) for x in seeds().values()}) > 1, "a panel with seeds of its own"
    assert all(x == [5] for x in seeds("seeds=[5]").values())
    named = seeds("seeds=[5]", "panels.resets.seeds=[7]")
    assert named.pop("resets") == [7] and all(x == [5] for x in named.values())


def test_what_is_loaded_with_a_list_for_a_mapping_is_refused():
    with pytest.raises(UserError, match="not a mapping"):
        load("fig5/smoke", ["panels.published.radius=1"])


def test_names_are_readable():
    assert own_name([]) == ""
    assert own_name(["panels.a.beta=[1,20]", "seeds=[0]"]) == "a.beta=1,20+seeds=0"
    assert own_name(["panels.a.beta=1e+20", "panels.b.beta=1e+20"]) == "a.beta=1e+20+b.beta=1e+20"
    assert own_name(["panels.a.image=a/b.png"]).startswith("a.image=a_b.png-")


NEAR = [
    ["panels.a.x=1", "panels.b.x=1"],
    ["panels.a.x=1", "panels.a.x=[1,2]", "panels.a.x=1,2.y"],
    ["panels.a.x=a/b", "panels.a.x=a_b", "panels.a.x=[a/b]", "panels.a.x=[[a_b]]"],
    ["panels.a.x=" + "y" * 100, "panels.a.x=" + "y" * 101],
    ["panels.a.x=ü", "panels.a.x=ö", "panels.a.x="],
]


@pytest.mark.parametrize("changes", NEAR, ids=str)
def test_two_sets_of_changes_never_share_a_name(changes):
    names = {own_name([change]) for change in changes} | {own_name(changes)}
    assert len(names) == len(changes) + 1
    assert all(0 < len(name) <= LONGEST_NAME and not UNSAFE.search(name) for name in names)
