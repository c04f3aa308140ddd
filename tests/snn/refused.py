"""Calls that are refused, each with the beginning of what is said: see test_guards.py."""

COMPLEX = "TypeError: {}: got complex numbers, expected real ones"
NO_MLP = "ValueError: {}: got a LIFNetwork, expected an MLP"
LENGTH = "ValueError: mean_and_se: got {} sample, expected at least 2."
NO_MEAN = "ValueError: Expected: got {}("
SIZES = "ValueError: sizes: got {}, expected the number of inputs followed by"
STEP = "TypeError: step: got {} from a step (params, state, x[t]), expected (state, output)"
DROP_IN = "ValueError: {}: got a network that calls snn.spike, whose surrogate derivative would"
NUMBERS = "ValueError: noise: got numbers of shape {} for layer 0 of a trial, expected "
REFUSED = {
    # What is told apart by nothing but a message:
    "snn.Surrogate(program, w, noise)": "TypeError: Surrogate: got a program among its settings, "
    "expected it in the call: snn.Surrogate()(program, params, ...).",
    "snn.ExactEnumeration(program, w)": "TypeError: ExactEnumeration: got a program among",
    "snn.MLP((2, 1), escape='sigmoid')": "TypeError: MLP.escape: got 'sigmoid', expected an escape",
    "snn.LIFNetwork((2, 1), escape=snn.escape.Sigmoid)": "TypeError: LIFNetwork.escape: got <class",
    "snn.ConvLIFNetwork(escape='sigmoid')": "TypeError: ConvLIFNetwork.escape: got 'sigmoid'",
    "snn.SpikeFunction('sigmoid')": "TypeError: SpikeFunction.escape: got 'sigmoid', expected",
    "snn.Surrogate('superspike')": "TypeError: derivative: got 'superspike', expected a function",
    "snn.Surrogate(snn.surrogate.Box)": "TypeError: derivative: got <class 'snn.surrogate.Box'>",
    "snn.Surrogate(reset='through')": "TypeError: reset: got 'through', expected a function, as",
    "snn.Surrogate(forward='mean')": "TypeError: forward: got 'mean', expected a function, as",
    "snn.LIFNetwork((1, 1), neuron=1)": "TypeError: LIFNetwork.neuron: got 1, expected a snn",
    "snn.ConvLIFNetwork(neuron=1)": "TypeError: ConvLIFNetwork.neuron: got 1, expected a snn",
    "snn.Program(mlp, jnp.ones(2), snn.losses.Linear)": "TypeError: loss: got <class",
    # Settings that would pass for others:
    "snn.escape.Sigmoid(2j)": "TypeError: Sigmoid.beta: got 2j, expected a real number",
    "snn.LIF(theta=jnp.array(1j))": "TypeError: LIF.theta: got Array(",
    "snn.LIF(theta=jnp.nan)": "ValueError: LIF.theta: got nan, expected a real number",
    "snn.LIF(theta=np.float32('nan'))": "ValueError: LIF.theta: got ",
    "snn.losses.Squared(jnp.array([1j]))": "TypeError: Squared.target: got Array(",
    "snn.losses.VanRossum(jnp.ones((3, 1)) * 1j)": "TypeError: VanRossum.target: got Array(",
    "snn.LIF(reset_input='subtract')": "TypeError: LIF.reset_input: got 'subtract', expected True",
    "snn.LIFNetwork((2, 1), recurrent='no')": "TypeError: LIFNetwork.recurrent: got 'no', expected",
    "snn.ConvLIFNetwork(recurrent_kernel=True)": "TypeError: ConvLIFNetwork.recurrent_kernel: got ",
    "snn.StochasticAD(n_flips=1.5)": "TypeError: StochasticAD.n_flips: got 1.5, expected an int",
    # Numbers out of range:
    "snn.escape.Sigmoid(-1.0)": "ValueError: Sigmoid.beta: got -1.0, expected a number > 0.",
    "snn.escape.Sigmoid(jnp.nan)": "ValueError: Sigmoid.beta: got nan, expected a number > 0.",
    "snn.EvolutionStrategies(n_perturbations=0)": "ValueError: EvolutionStrategies.n_perturbations",
    "snn.connections.Conv1d(0)": "ValueError: Conv1d.kernel: got 0, expected at least 1.",
    "snn.connections.Conv1d(5, stride=-1)": "ValueError: Conv1d.stride: got -1, expected",
    "snn.connections.Conv1d(5, padding=-1)": "ValueError: Conv1d.padding: got -1, expected",
    "snn.connections.Conv1d(5, tile=0)": "ValueError: Conv1d.tile: got 0, expected",
    "snn.connections.Conv1d(7, 3, 1).n_out(4)": "ValueError: Conv1d: got 4 positions, expected at "
    "least 5 for a kernel of 7 and a padding of 1. Use a smaller kernel",
    "snn.ConvLIFNetwork(strides=(40, 3, 3))": "ValueError: Conv1d: got 4 positions, expected",
    "snn.ConvLIFNetwork(filters=(4, 4))": "ValueError: ConvLIFNetwork: got filters=(4, 4),",
    "snn.ConvLIFNetwork(filters=(4, 4, 0))": "ValueError: ConvLIFNetwork: got filters=(4, 4, 0),",
    "snn.ConvLIFNetwork(recurrent_kernel=4)": "ValueError: ConvLIFNetwork: got a recurrent kernel",
    "snn.MLP((3,))": SIZES.format("(3,)"),
    "snn.LIFNetwork((3, 0))": SIZES.format("(3, 0)"),
    "snn.MLP((1, 1, 1), escape=(SIGMOID,) * 3).escapes": "ValueError: escape: got 3 noises",
    "snn.LIF(reset='substract')": "ValueError: LIF.reset: got 'substract', expected one of",
    "snn.LIF(reset='subtract', reset_input=True)": "ValueError: LIF.reset_input: got True with",
    "snn.TruncatedReplays(survival=-0.1)": "ValueError: TruncatedReplays.survival: got -0.1,",
    "snn.TruncatedReplays(survival=1.5)": "ValueError: TruncatedReplays.survival: got 1.5,",
    "snn.TruncatedReplays(survival=jnp.nan)": "ValueError: TruncatedReplays.survival: got nan,",
    "snn.TruncatedReplays(horizon=-1)": "ValueError: TruncatedReplays.horizon: got -1, expected a",
    "snn.TruncatedReplays(horizon=0.5)": "ValueError: TruncatedReplays.horizon: got 0.5, expected",
    "Between(Linear(), jnp.inf)": "ValueError: Between.lam: got inf, expected a finite number",
    "Between(Linear(), jnp.array(jnp.nan))": "ValueError: Between.lam: got nan, expected a finite",
    "Between(snn.losses.MaxOverTime(jnp.array(0)))": "TypeError: Between.loss: got MaxOverTime(",
    "Between(jnp.sum)": "TypeError: Between.loss: got <function sum",
    "Between(Linear)": "TypeError: Between.loss: got <class",
    "snn.stats.mean_and_se(jnp.ones((0, 3)))": LENGTH.format(0),
    "snn.stats.mean_and_se(jnp.ones((1, 3)))": LENGTH.format(1),
    # Estimators that have no answer:
    "snn.ExactEnumeration()(steps(6), lif_w)": "ValueError: Enumeration over spike patterns: got "
    "18 spike sites, expected at most 16 (2^16 patterns).",
    "snn.ExactEnumeration().per_trial(program, w, noise)": "TypeError: ExactEnumeration has no",
    "snn.TransferMatrix()(steps(5), lif_w)": NO_MLP.format("TransferMatrix"),
    "snn.TransferMatrix(max_width=2)(program, w)": "ValueError: TransferMatrix: got layers of "
    "(3, 1) neurons, expected at most 2 each",
    "LayeredMean(snn.Surrogate(forward=snn.mean))(program, w)": "ValueError: LayeredMean: got",
    "PathSampleAnalytic()(steps(5), lif_w, short)": NO_MLP.format("PathSampleAnalytic"),
    "snn.DisARM()(steps(5), lif_w, short)": "ValueError: DisARM: got spike sites of shape [(5, 3)]",
    "snn.Expected(snn.StochasticAD())(program, w)": NO_MEAN.format("StochasticAD"),
    "snn.Expected(snn.ScoreFunction(LeaveOneOut()))(program, w)": NO_MEAN.format("ScoreFunction"),
    "snn.Expected(snn.Surrogate(forward=snn.mean))(program, w)": NO_MEAN.format("Surrogate"),
    "snn.StochasticAD(n_flips=0)(program, w, noise, KEY)": "ValueError: StochasticAD.n_flips: got "
    "0, expected 1 to 4, the number of spike sites.",
    "snn.StochasticAD(n_flips=5)(program, w, noise, KEY)": "ValueError: StochasticAD.n_flips: got ",
    "snn.StochasticAD(max_sites=3)(program, w, noise)": "ValueError: StochasticAD: got 4 spike ",
    "snn.SuffixReplays()(program, w, noise, KEY)": "ValueError: SuffixReplays: got MLP, expected",
    "snn.SuffixReplays(n_blocks=9)(steps(5), lif_w, short, KEY)": "ValueError: SuffixReplays."
    "n_blocks: got 9, expected 1 to 5, the number of time steps.",
    "snn.TruncatedReplays(n_blocks=2)(steps(5), lif_w, short, KEY)": "ValueError: TruncatedReplays."
    "n_blocks: got 2, expected a divisor of 5, the number of time steps",
    "snn.ScoreFunction(LeaveOneOut())(program, w, snn.noise.Constant(jnp.ones(1)))": "ValueError: "
    "LeaveOneOut baseline: got 1 trial, expected at least 2.",
    "snn.spike(jnp.ones(2), snn.surrogate.Matched())": "ValueError: Matched() needs the escape ",
    # Numbers whose imaginary part a comparison or a cast would drop:
    "snn.Program(mlp, 1j * jnp.ones(2), snn.losses.Linear())": COMPLEX.format("Program.x"),
    "snn.spike(1j * jnp.ones(2), snn.surrogate.Box())": COMPLEX.format("spike.v"),
    "snn.sample(SIGMOID, jnp.ones(2), 1j * jnp.ones(2))": COMPLEX.format("sample.xi"),
    "snn.losses.n_spikes(1j * jnp.ones((3, 2)))": COMPLEX.format("n_spikes.s"),
    "snn.stats.effective_number([1j, 1])": COMPLEX.format("effective_number.weights"),
    "snn.stats.effective_trials([1j, 1])": COMPLEX.format("effective_trials.samples"),
    "snn.stats.relative_error(jnp.array([1j]), jnp.ones(1))": COMPLEX.format("flatten.tree"),
    "snn.stats.cv_of_isi(1j * jnp.ones((3, 2)), 1.0)": COMPLEX.format(
        "interspike_intervals.spikes"
    ),
    "batch_means.mean_cosine(1j * jnp.ones((4, 2)), jnp.ones((4, 2)))": COMPLEX.format(
        "batch_means.batches"
    ),
    # Parameters that have no derivative:
    "snn.FiniteDifferences()(program, cast(w, int), noise)": "TypeError: params[0]['b']: got int32"
    ", expected an array of floating point numbers",
    "snn.ScoreFunction()(program, cast(w, complex), noise)": "TypeError: params[0]['b']: got comp",
    "snn.MeanField()(program, cast(w, bool))": "TypeError: params[0]['b']: got bool, expected an a",
    "snn.fields.line_integral(jnp.sin, jnp.sin, tol=jnp.nan)": "ValueError: line_integral.tol: got",
    # Derivatives that do not belong where the gradient is exact or unbiased:
    "snn.ExactEnumeration()(own, own_w)": DROP_IN.format("ExactEnumeration"),
    "snn.ScoreFunction()(own, own_w, own_noise)": DROP_IN.format("ScoreFunction"),
    "snn.StochasticAD()(own, own_w, own_noise)": DROP_IN.format("StochasticAD"),
    "snn.DisARM()(own, own_w, own_noise)": DROP_IN.format("DisARM"),
    "snn.MeanField()(own, own_w)": DROP_IN.format("MeanField"),
    # Noise:
    "snn.draw_noise(program, w, KEY, 0)": "ValueError: n_trials: got 0, expected at least 1 trial.",
    "snn.Surrogate()(program, w, snn.noise.Constant())": "ValueError: noise: got Constant(",
    "snn.Surrogate()(program, w, one)": "ValueError: noise: got leading axes of lengths [1, 3]",
    "snn.Surrogate()(steps(5), lif_w, lif_one)": NUMBERS.format("(3,)") + "numbers of shape (time,",
    "snn.Surrogate()(steps(9), lif_w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (9, 3)",
    "snn.Surrogate()(steps(4), lif_w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (4, 3)",
    "snn.Surrogate()(program, w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (3,)",
    "snn.StochasticAD(n_flips=2)(program, w, noise)": "ValueError: StochasticAD: got no key, "
    "expected a JAX random key",
    "snn.SuffixReplays()(steps(5), lif_w, short)": "ValueError: SuffixReplays: got no key",
    "snn.EvolutionStrategies()(program, w, noise)": "ValueError: EvolutionStrategies: got no key",
    # Shapes:
    "snn.Surrogate()(snn.Program(mlp, jnp.ones(2), jnp.abs), w, noise)": "ValueError: loss: got an "
    "array of shape (1,) of an output of shape (1,), expected one number for a trial.",
    "run(lif, lif_w, jnp.ones((4, 5, 2)))": "ValueError: LIFNetwork: got an input of shape (4, 5, "
    "2), expected (time, 2), that of one trial.",
    "run(mlp, w, jnp.ones((4, 2)))": "ValueError: MLP: got an input of shape (4, 2), expected (2,)",
    "run(snn.ConvLIFNetwork(), None, jnp.ones((5, 2)))": "ValueError: ConvLIFNetwork: got an input "
    "of shape (5, 2), expected (time, 700), or (time, batch, 700)",
    "snn.fields.line_integral(np.sin, lambda t: (np.zeros(2), np.ones(2)))": "ValueError: "
    "line_integral: curve: got 2 points from 21 parameters, expected as many.",
    # Plain functions:
    "run(snn.Steps(lambda w, u, x: f(u), jnp.zeros(2)))": STEP.format("one value"),
    "run(snn.Steps(lambda w, u, x: (u, f(u), u), jnp.zeros(2)))": STEP.format("3 values"),
    "run(snn.Steps(lambda w, u, x: (u[:1], f(u)), jnp.zeros(2)))": "TypeError: step: got a",
    "run(lambda w, x: x @ w)": "ValueError: network: got a function that calls no snn.SpikeFunct",
    "run(lambda w, x: jax.vmap(lambda x: f(x @ w))(x))": "ValueError: SpikeFunction: got a call in",
    "run(lambda w, x: jax.checkpoint(lambda x: f(x @ w))(x))": "ValueError: SpikeFunction: got a c",
    "run(lambda w: f(w))": "TypeError: network: got <lambda> of 1 arguments, expected a network",
    "run(lambda w, x, noise, spike: x)": "TypeError: network: got ArrayImpl from a network",
}
POSITIVE = (
    "escape.Sigmoid.beta",
    "escape.SuperSpike.beta",
    "escape.Exponential.delta_u",
    "escape.Exponential.rho0",
    "escape.Gaussian.sigma",
    "surrogate.SuperSpike.beta",
    "surrogate.Sigmoid.beta",
    "surrogate.ScaledSigmoid.beta",
    "surrogate.Arctan.alpha",
    "surrogate.Triangle.beta",
    "surrogate.Gaussian.sigma",
    "surrogate.Box.width",
    "surrogate.MultilayerSpiker.delta_u",
    "LIF.tau_mem",
    "LeakyReadout.tau_mem",
    "LeakyReadout.tau_syn",
    "LeakyReadout.dt",
    "FiniteDifferences.epsilon",
    "EvolutionStrategies.sigma",
)
for _where in POSITIVE:
    _made, _, _field = _where.rpartition(".")
    _said = f"{_made.rpartition('.')[2]}.{_field}: got 0, expected a number > 0."
    REFUSED[f"snn.{_made}({_field}=0)"] = f"ValueError: {_said}"
