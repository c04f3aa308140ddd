"""Whatever is asked for wrongly ends in one short message, before anything is computed."""

import time

import pytest

from experiments.engine.errors import guarded
from experiments.engine.registry import Project
from experiments.run import main

HUGE, LONG = "1e300", "9" * 400

BAD = {
    # No such thing.
    "": "figure=fig12/smoke figure=fig1/../etc figure=fig4/medium figure=fig4 figure= figure=4 "
    "seeds=[0] --cfg --multirun figure=fig10/quick figure=all/huge",
    "fig1": "panels.neuron.bta=3 neuron.beta=3 panels.nerve.beta=3 panels=3 panels.neuron=3 "
    "panels.neuron.beta=steep panels.neuron.beta=0 panels.neuron.beta=-1 panels.neuron.beta=nan "
    f"panels.neuron.beta=inf panels.neuron.beta={HUGE} panels.neuron.beta=1e-320 "
    f"panels.neuron.beta={LONG} panels.neuron.beta=1{'0' * 5000} panels.neuron.beta=[1,2] "
    "panels.neuron.beta=null panels.neuron.beta='' panels.neuron.u_high=-1 "
    "panels.neuron.u_high=1e308 panels.neuron.n_points=1 panels.neuron.n_points=2.5 "
    "panels.neuron.n_points=1000000000000 panels.neuron.n_trials=-3 panels.neuron.seeds=[] "
    "panels.neuron.seeds=[0,0] panels.neuron.seeds=[-1] panels.neuron.seeds=[1.5] seeds=[a] "
    "seeds=3 seeds=[99999999999999999999] runtime=tpu runtime.x64=maybe compute=perhaps "
    "results_dir= experiment@panels.neuron=nerve "
    "experiment@panels.neuron=perceptron_derivatives +panels.neuron.new=3 ~panels.neuron "
    "panels.neuron.beta=1,2 panels.neuron.beta panels.neuron.beta=${nothing} =3 seeds=[0 x=y "
    "all=3 all.bta=3 all.beta=0 all.beta=[1] ~all.beta all.neuron.beta=3 all.=3 all.seeds=[0,0] "
    "panels.neuron.half_step=1e-300",
    "fig2": "panels.perceptron.n_inputs=0 panels.perceptron.rate=-1 panels.perceptron.window=0 "
    f"panels.lif.tau_mem=0 panels.lif.tau_syn=-0.01 panels.lif.dt=1 panels.lif.dt={HUGE} "
    "panels.lif.late_step=500 panels.lif.n_steps=0 panels.lif.horizon=0 panels.limit.betas=[] "
    "panels.limit.betas=[0] panels.limit.mlp_sizes=[2,0,1] panels.error.n_trials=1",
    "fig3": "panels.estimators.estimators=[sorrogate] panels.estimators.estimators=[] "
    "panels.estimators.sizes=[2] panels.estimators.sizes=[2,-3,1] panels.estimators.x=[1,1,1] "
    "panels.estimators.n_flips=1000 panels.paths.sizes=[2,30,30,1] panels.cost.steps=[0] "
    "panels.depth.depths=[1000000] panels.depth.betas=[0] panels.depth.n_networks=0 "
    "panels.estimators.estimators=[surrogate,surrogate]",
    "fig4": "panels.along_w.beta_surrogate=[] panels.along_w.beta_surrogate=[0] "
    "panels.along_w.w_max=-1 panels.along_w.u=[1,2,3] panels.plane.probe=[9] "
    "panels.plane.n_v1=1 panels.stochastic.theta=[1] panels.along_w.n_shown=1 "
    "panels.along_w.beta_surrogate=15 panels.plane.extent=0 seeds=[0,1]",
    "fig5": "panels.published.radius=0 panels.published.radius=1e300 panels.published.base=[1] "
    "panels.published.direction1=[0,0,0,0,0] panels.stochastic.direction2=[0,0,0,0,0] "
    "all.direction2=[0.0930599102,0.5905991469,-0.3091423196,0.4299940979,-0.6017213664] "
    "panels.published.random_plane=-1 all.random_plane=x panels.published.tolerance=0 "
    "panels.published.n_angles=2 panels.stochastic.beta=-1 seeds=[1]",
    "fig6": "panels.stochastic.image=missing.png panels.stochastic.image=. "
    "panels.stochastic.image=README.md panels.stochastic.optimiser=chain "
    "panels.stochastic.optimiser=adamm panels.stochastic.learning_rates=[1] "
    f"panels.stochastic.learning_rates=[{HUGE},1] panels.stochastic.n_steps=1000000000000 "
    "panels.stochastic.n_outputs=3 panels.stochastic.input_rate=2000 panels.stochastic.dt=0 "
    "panels.deterministic.n_trials=10 panels.stochastic.surrogate=Sigmoidal "
    "panels.stochastic.density=1.5 panels.stochastic.spikes=random panels.stochastic.n_epochs=0 "
    "panels.stochastic.seeds=[99999999999] all.image=missing.png all.n_hidden=0 "
    "all.optimiser=adamm all.image=tests/experiments",
    "fig7": "panels.stochastic.filters=[16,32] panels.stochastic.recurrent_kernel=4 "
    "panels.stochastic.channels_per_bin=3 panels.stochastic.kernels=[9999,7,5] data=librispeech "
    "panels.stochastic.optimiser=constant_schedule panels.stochastic.dt=0 data.n_train=0 "
    "panels.stochastic.learning_rate=-1 panels.gradient_scale.slopes=[0] data.seed=-1 "
    "data.n_classes=10 data.n_channels=64 data.n_channels=0 data=own",
    "fig8": "panels.depth.estimators=[magic] panels.depth.n_networks=0 panels.depth.widths=[40] "
    "panels.depth.depths=[0] panels.depth.betas=[-4] panels.depth.epsilon=0",
    "fig9": "panels.noise.surrogates=[magic] panels.noise.betas=[0] panels.noise.n_flips=0 "
    "panels.easy.estimators=[stochastic_ad_sistematic] panels.easy.learning_rates=[0] "
    "panels.easy.n_updates=0 panels.enumerated.sizes=[30,30]",
}
CASES = [(figure, override) for figure, listed in BAD.items() for override in listed.split()]


def test_there_are_enough():
    assert len(CASES) >= 130


@pytest.mark.parametrize(
    ("figure", "override"), CASES, ids=[f"{figure}-{text[:40]}" for figure, text in CASES]
)
def test_bad_input_ends_in_one_message(figure, override, tmp_path, capfd):
    given = [f"figure={figure}/smoke"] * bool(figure) + [override]
    if not override.startswith("results_dir"):
        given.append(f"results_dir={tmp_path}/results")
    # What were accepted by mistake would end here, too, but not be computed.
    given += ["compute=never"] * (not override.startswith("compute"))
    start = time.process_time()  # other programs do not count
    status = guarded(lambda arguments: main(arguments, Project()), given)
    said = capfd.readouterr()
    assert status == 2
    assert said.err.startswith("error: ") and said.err.count("error: ") == 1
    assert "is not in the cache" not in said.err, "accepted"
    assert "Traceback" not in said.err and said.out == ""
    lines = said.err.splitlines()
    assert len(lines) <= 12 and all(len(line) <= 1100 for line in lines)
    assert "got:" in said.err and ("fix:" in said.err or "expected:" in said.err)
    assert time.process_time() - start < 10
    assert not (tmp_path / "results").exists()
