"""Claims beyond the paper, on figure 11: moved spikes and born spikes."""

from beyond.experiments.study import claims
from experiments.replication.claim import Claim
from experiments.replication.relations import (
    above,
    abs_above,
    abs_below,
    below,
    opposite_signs,
    ratio_below,
    within,
)

SOURCE = "figure 11, beyond the paper; beyond/docs/event_gradients.md"
NEURON = "one neuron, integrals on a grid"
MOVES, EFFECTS, STEPS = "fig11.moves.", "fig11.effects.", "fig11.steps_high_noise."
DERIVATIVE = "derivative of the mean loss with respect to the input weight"
SPREAD = "standard deviations of one run's estimate"
TARGET = "ours: as stated on the page"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "E91b",
        "Below threshold the true gradient is not zero.",
        f"true {DERIVATIVE}, the same input; slopes 20 and 80",
        (f"{MOVES}truth_w0.95_20", f"{MOVES}truth_w0.95_80"),
        abs_above(1.0),
        n=NEURON,
        limit="ours: more than the loss of any single spike",
    ),
    Claim(
        "E92",
        "Above threshold in high noise the event-based gradient has the wrong sign.",
        f"event-based and true {DERIVATIVE}, input 20 % above threshold, slope 5",
        (f"{MOVES}event_based_w1.2_5", f"{MOVES}truth_w1.2_5"),
        opposite_signs(),
        n=NEURON,
    ),
    Claim(
        "E93a",
        "Reset detached: above threshold in low noise the matched SG has the wrong sign.",
        f"mean SG and true {DERIVATIVE}, input 20 % above threshold, slope 80",
        (f"{MOVES}detached_w1.2_80", f"{MOVES}truth_w1.2_80"),
        opposite_signs(),
        n=NEURON,
    ),
    Claim(
        "E93b",
        "Through the reset: above threshold in low noise the matched SG has the wrong sign.",
        f"mean SG and true {DERIVATIVE}, input 20 % above threshold, slope 80",
        (f"{MOVES}through_w1.2_80", f"{MOVES}truth_w1.2_80"),
        opposite_signs(),
        n=NEURON,
    ),
    Claim(
        "E94",
        "Above threshold spikes that slide give the event-based gradient as noise vanishes.",
        "derivative by first spikes fired while the potential rises, over the event-based one; "
        "slopes 1 280 and 5 120 (1.10 at 80, 1.05 at 320)",
        (f"{MOVES}limit_w1.2_1280", f"{MOVES}limit_w1.2_5120"),
        within(1.0, atol=0.02),
        n=NEURON,
        limit="ours: the threshold is reached later by (log of the slope) / slope",
    ),
    Claim(
        "E95",
        "Below threshold in low noise spikes that are born give the true gradient.",
        "derivative by spikes past the maximum and at the end, over the true one; slope 80",
        (f"{MOVES}born_over_truth_w0.95_80",),
        within(1.0, atol=0.1),
        n=NEURON,
        limit=TARGET,
    ),
    Claim(
        "E96",
        "Below threshold in low noise the detached matched SG is the true gradient to 5 %.",
        "mean SG over true derivative, slope 80",
        (f"{MOVES}sg_over_truth_w0.95_80",),
        within(1.0, atol=0.05),
        n=NEURON,
        limit=TARGET,
    ),
    Claim(
        "E97",
        "In two layers simulated means of SG and score function are those of Campbell's theorem.",
        "simulated mean over closed form, minus 1; SG and score function at x = −2, −1 and 1",
        tuple(f"{EFFECTS}{name}_off_{x}" for name in ("sg", "score") for x in (-2, -1, 1)),
        abs_below(0.1),
        n="400 000 trials of each network",
        limit="ours: a tenth; two-sided smoothing differs by more at x = −2",
    ),
    Claim(
        "E98a",
        "The matched SG inflates inhibitory effects.",
        "mean SG over true derivative in two layers, closed form at x = −2 and −1",
        (f"{EFFECTS}ratio_-2", f"{EFFECTS}ratio_-1"),
        above(1.5),
        n="two networks, closed form",
        limit="1 / (1 − 1/e) = 1.58 at x = −1",
    ),
    Claim(
        "E98b",
        "The matched SG shrinks excitatory effects.",
        "mean SG over true derivative in two layers, closed form at x = 1",
        (f"{EFFECTS}ratio_1",),
        within(0.582, atol=0.03),
        n="one network, closed form",
        limit="1 / (e − 1) = 0.582, and effects that differ a little between pairs",
    ),
    Claim(
        "E99a",
        "Below threshold in low noise pathwise gradients are useless, SGs are not.",
        f"{SPREAD}: SG over pathwise, slope 80",
        (f"{MOVES}detached_sd_w0.95_80", f"{MOVES}pathwise_sd_w0.95_80"),
        ratio_below(1e-4),
        n=NEURON,
        limit=TARGET,
    ),
    Claim(
        "E99b",
        "Above threshold in low noise pathwise gradients have the least spread.",
        f"{SPREAD}: pathwise over SG, slope 80",
        (f"{MOVES}pathwise_sd_w1.2_80", f"{MOVES}detached_sd_w1.2_80"),
        ratio_below(0.01),
        n=NEURON,
        limit=TARGET,
    ),
    Claim(
        "E100",
        "If a spike's probability follows the intensity, true gradient and SG have a limit.",
        "relative distance to continuous time at steps of 0.05 ms; true and detached, slope 5",
        tuple(f"{STEPS}{name}_off_w{w}" for name in ("true", "detached") for w in (0.95, 1.2)),
        below(0.02),
        n="one neuron, two input weights; sums over all spike trains",
        limit="ours: first order in the step",
        given={"steps_high_noise.beta": 5.0, "steps_high_noise.steps[-1]": 0.05},
    ),
    Claim(
        "E101",
        "If the probability of a spike in a step is fixed, neither has a limit.",
        "relative change from steps of 0.1 to 0.05 ms; true and detached, slope 5",
        tuple(
            f"{STEPS}fixed_{name}_change_w{w}" for name in ("true", "detached") for w in (0.95, 1.2)
        ),
        above(0.05),
        n="one neuron, two input weights; sums over all spike trains",
        limit="ours: 2.5 times what the limit above allows",
        given={"steps_high_noise.beta": 5.0, "steps_high_noise.steps[-1]": 0.05},
    ),
    Claim(
        "E102",
        "Through the reset the SG of an unbounded intensity explodes at short steps.",
        "log10 of the largest mean SG at steps of 2 to 0.05 ms, slope 20, above threshold",
        ("fig11.steps_low_noise.through_log10_largest_w1.2",),
        above(3.0),
        n="one neuron; sums over all spike trains",
        limit="ours: a thousand times the true gradient",
        given={"steps_low_noise.beta": 20.0, "steps_low_noise.steps[-1]": 0.05},
    ),
    *claims("fig11"),
)
