"""Every kind of mistake ends in one short message, before anything is computed or written."""

import pytest

from experiments.engine.config import validated
from experiments.engine.errors import LONGEST, UserError, guarded
from experiments.run import main
from tests.experiments.planned import all_experiments

ONE, NEURON = "figure=fig1/smoke", "figure=fig1/smoke panels.neuron."
PICTURE, SPEECH = "figure=fig6/smoke panels.stochastic.", "figure=fig7/smoke panels.stochastic."

REFUSED = {
    # No such thing.
    "no figure": ("seeds=[1]", "no figure was named", "figure=fig1/quick"),
    "no such figure": ("figure=fig12/smoke", "there is no figure fig12", "figure=fig2/smoke"),
    "no such preset": ("figure=fig4/qick", "no preset 'qick'", "figure=fig4/quick"),
    "no preset": ("figure=fig4", "no preset was named", "paper, quick, smoke"),
    "no preset of all": ("figure=all/huge", "no preset 'huge'", "quick"),
    "no panel": (f"{ONE} panels.nerve.beta=3", "panels.nerve.", "panels.neuron.beta=..."),
    "no parameter": (f"{NEURON}bta=3", "no parameter panels.neuron.bta", "panels.neuron.beta=..."),
    "of one panel": ("figure=fig4/quick beta=3", "plane.beta_surrogate", "panels.stochastic.beta"),
    "of several": ("figure=fig3/quick beta=3", "panels.paths.beta", "all.beta=..."),
    "far from any": (f"{ONE} zzz=5", "there is no parameter zzz", "make params-N"),
    "without its panel": (f"{ONE} n_trial=5", "n_trial", "panels.neuron.n_trials=..."),
    "in no panel": (f"{ONE} all.bta=3", "all.bta", "neuron.beta"),
    "all alone": (f"{ONE} all=3", "there is no parameter all", "make params-N"),
    "added": (f"{ONE} +panels.neuron.new=3", "no parameter panels.neuron.new", "one of"),
    "removed": (f"{ONE} ~panels.neuron", "panels are its preset's", "leave out ~"),
    "runtime": (f"{ONE} runtime=tpu", "runtime has no option 'tpu'", "cpu, gpu"),
    "compute": (f"{ONE} compute=perhaps", "compute has no such option", "compute=auto"),
    "launcher": (f"-m {ONE} seeds=[1],[2] hydra/launcher=nope", "nope", "basic"),
    "option": (f"{ONE} --cfg", "no such option", "--help"),
    "another experiment": (
        f"{ONE} panels.neuron.experiment=perceptron",
        "panels are its preset's",
        "leave out panels.neuron.experiment",
    ),
    "an experiment in a mapping": (
        f"{ONE} panels={{neuron:{{experiment:perceptron}}}}",
        "panels are its preset's",
        "leave out panels.neuron.experiment",
    ),
    "a new panel": (f"{ONE} panels.new={{experiment:perceptron}}", "preset's", "panels.new.exp"),
    # A mapping is its keys, be it empty or not.
    "an empty mapping": (f"{ONE} raduis={{}}", "no parameter raduis", "make params-N"),
    "empty, in a panel": (f"{NEURON}bta={{}}", "parameter panels.neuron.bta", "panels.neuron.beta"),
    "empty, a panel": (f"{ONE} panels.nerve={{}}", "parameter panels.nerve", "panels.neuron.beta"),
    "empty, at the end": (f"{ONE} all={{bta:{{}}}}", "parameter all.bta", "neuron.beta"),
    "empty, of the run": (f"{ONE} runtime.x46={{}}", "parameter runtime.x46", "runtime.x64=..."),
    "empty, of data": ("figure=fig7/smoke data.n_trian={}", "data.n_trian", "data.n_train=..."),
    "data in a mapping": ("figure=fig7/smoke data={n_trian:9}", "data.n_trian", "data.n_train=..."),
    "data that no panel reads": (f"{ONE} data.n_test=5", "reads no data", "leave out data.n_test"),
    "unread, in a sweep": (f"-m {ONE} data.n_test=5,6", "reads no data", "leave out data.n_test"),
    "empty, unread data": (f"{ONE} data.foo={{}}", "reads no data", "leave out data.foo"),
    "empty, for a number": (f"{NEURON}beta={{}}", "beta has the wrong type", "a number"),
    "a key with a dot": (
        f"{ONE} panels={{neuron.beta:3}}",
        "no parameter panels.neuron.b",
        "one of",
    ),
    "a long key": (f"{ONE} {'x' * 300}=3", "there is no parameter xxx", "make params-N"),
    "a long key of Hydra's": (
        f"{ONE} hydra.launcher.{'x' * 300}=3",
        "no parameter",
        "make params-N",
    ),
    "a key beyond measure": (f"{ONE} {'x' * 100_000}=3", "no parameter xxx", "100000 characters"),
    "no figure at all": ("~figure", "panels are its preset's", "leave out ~figure"),
    "a setting of Hydra's": (
        f"{ONE} +hydra.callbacks.x._target_=os.system",
        "Hydra's own settings",
        "hydra.launcher.n_jobs=2",
    ),
    "a sweeper's space": (
        f"-m {ONE} +hydra.sweeper.params={{x:1}}",
        "Hydra's own settings",
        "by its own name",
    ),
    "a sweeper's number": (f"-m {ONE} hydra.sweeper=3", "Hydra's own", "leave out hydra.sweeper"),
    "a launcher's dot": (f"-m {ONE} hydra.launcher=joblib", "Hydra's own", "hydra/launcher=..."),
    "a launcher's key": (f"-m {ONE} hydra.launcher.n_jobs=2", "n_jobs", "docs/running.md"),
    "estimator": (
        "figure=fig3/smoke panels.estimators.estimators=[sorrogate]",
        "no such option",
        "estimators=[surrogate]",
    ),
    # What Hydra cannot read.
    "an open list": (f"{ONE} seeds=[1", "no viable alternative", "key=value"),
    "a list in two": (f"{ONE} seeds=[10, 60]", "no viable alternative", "key=value"),
    "spaces": (f"{NEURON}beta = 7", "missing EQUAL", "key=value"),
    "a function": (f"{PICTURE}image=a(b).png", "image=a(b).png", "key=value"),
    "a quote": (f"{PICTURE}image=it's", "image=it's", "key=value"),
    "no figure=": ("fig8/smoke", "no figure was named", "figure=figN/PRESET"),
    # Another type.
    "text": (f"{NEURON}n_trials=many", "wrong type", "an integer"),
    "a fraction": (f"{NEURON}n_points=2.5", "wrong type", "an integer"),
    "null": (f"{NEURON}beta=null", "wrong type", "a number"),
    "no list": (f"{ONE} seeds=3", "seeds has the wrong type", "seeds=[3]"),
    # Out of range.
    "at an open bound": (f"{NEURON}beta=0", "out of range", "> 0"),
    "nan": (f"{NEURON}beta=nan", "out of range", "> 0"),
    "nan, without a bound": (f"{NEURON}u_high=nan", "out of range", "a finite number"),
    "400 digits": (f"{NEURON}beta={'9' * 400}", "beta", "a number"),
    # Sizes that no memory holds.
    "trials": (f"{NEURON}n_trials=100000000", "out of range", "n_trials=1000000"),
    "layers": ("figure=fig2/smoke panels.limit.mlp_sizes=[2,9999999,9]", "out of", "1 to 10000"),
    "a long text": (f"{PICTURE}surrogate={'x' * 100_000}", "no such option", "100000 characters"),
    "nothing listed": ("figure=fig2/smoke panels.limit.betas=[]", "wrong length", "at least 1"),
    "too few": ("figure=fig4/smoke panels.along_w.v=[1]", "wrong length", "2 values"),
    "one twice": (f"{ONE} seeds=[0,0]", "out of range", "every value once"),
    "a seed": ("figure=fig6/smoke seeds=[4294967296]", "out of range", "0 to 4294967295"),
    "below another": (f"{NEURON}u_high=0", "u_high is not above u_low", "u_low=0.0"),
    # What an experiment, or the whole run, cannot do.
    "precision": ("figure=fig5/smoke runtime.x64=false", "double precision", "leave it out"),
    "enumeration": ("figure=fig3/smoke panels.estimators.sizes=[2,9,9,1]", "2^", "sizes"),
    "an even kernel": (f"{SPEECH}recurrent_kernel=4", "recurrent_kernel=4", "an odd number"),
    "a shape": (
        "figure=fig7/smoke all.surrogate=scaled_sigmod",
        "no such option",
        "=ScaledSigmoid",
    ),
    "sizes of data": ("figure=fig7/smoke data.n_classes=10", "numbers of classes", "data=own"),
    "sweep without -m": (f"{NEURON}beta=1,2", "Ambiguous value", "--multirun"),
    "an interval": (f"-m {NEURON}n_points=interval(3,5)", "INTERVAL_SWEEP", "params-N"),
    "results_dir": (f"{ONE} results_dir=", "results_dir has the wrong length", "at least 1"),
    # What would have no effect, or not the one that was meant.
    "a list in a list": (f"{ONE} seeds=[0,[1]]", "seeds has the wrong type", "a list of integers"),
    "no training": (
        f"{PICTURE}learning_rates=[0,0]",
        "nothing is trained",
        "learning_rates=[0.0, 0.0]",
    ),
    "one trial": (f"{PICTURE}n_trials=1", "Fano factors need two trials", "n_trials=1"),
    # Files.
    "no data there": ("figure=fig7/paper data.folder=/missing", "not found", "data.download"),
    "too many to test": ("figure=fig7/smoke data.n_test=1000000", "fewer samples", "1 to 40"),
    "closed": (f"{ONE} results_dir=/proc/none", "refused a file or folder", "results_dir="),
}


@pytest.mark.parametrize(("command", "what", "hint"), REFUSED.values(), ids=REFUSED)
def test_one_message_and_nothing_written(command, what, hint, tmp_path, capfd):
    assert_refused(command, what, hint, tmp_path, capfd)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_parameter_takes_a_number_that_is_not_finite(value):
    tried = set()
    for experiment in all_experiments().values():
        for name, field in experiment.model_fields.items():
            several = isinstance(field.default, list)
            defaults = field.default if several else [field.default]
            if all(isinstance(each, float) for each in defaults):
                given = [*defaults[:-1], value] if several else value
                with pytest.raises(UserError, match=rf"{name} is out of range"):
                    validated(experiment, {name: given}, "p")
                tried.add(name)
    assert {"beta", "u_high", "x", "betas"} <= tried


TOO_LARGE = {
    "gradient_in_plane": ("n_v1", 10**8, 10_000),
    "loop_integral": ("n_plane", 10**5, 10_000),
    "bias_with_depth": ("n_networks", 10**7, 100_000),
    "spike_matching": ("n_outputs", 10**8, 10_000),
}


@pytest.mark.parametrize("experiment", TOO_LARGE)
def test_sizes_that_no_memory_holds_are_refused(experiment):
    name, value, most = TOO_LARGE[experiment]
    with pytest.raises(UserError, match=rf"{name} is out of range(.|\n)*{most}"):
        validated(all_experiments()[experiment], {name: value}, "p")


def assert_refused(command, what, hint, tmp_path, capfd):
    results = tmp_path / "results"
    arguments = command.split(" ")
    arguments += [] if "results_dir" in command else [f"results_dir={results}"]
    assert guarded(main, arguments) == 2
    output = capfd.readouterr()
    assert output.err.startswith("error: ") and output.err.count("error: ") == 1
    assert all(part in output.err for part in (what, hint, "got:")), output.err
    assert "fix:" in output.err or "expected:" in output.err
    assert "Traceback" not in output.err and output.out == ""
    lines = output.err.splitlines()
    assert len(lines) <= 12 and all(len(line) < LONGEST + 100 for line in lines)
    assert not results.exists()
