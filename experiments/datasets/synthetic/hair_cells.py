r"""Hair cells and bushy cells: velocity of the membrane to spikes.

Both are lauscher's, step by step: a hair cell's transmitter pools (Meddis 1986, 1988) give the
probability :math:`p` that a fibre of the auditory nerve fires; 40 fibres with a refractory period
of 1 ms converge on a bushy cell, a leaky integrate-and-fire neuron whose spikes are the data.

Only the draws differ. Fibres of one channel are alike and their spikes are summed, so their number
is one binomial count, :math:`B(n, p)` with :math:`n` = 40 less those that fired within the last
23 steps: the same distribution for one random number instead of 40. These are a hash of (key, step,
channel), not a sequence, which lets the loops over channels run in the processor's vector units.
Those loops do one thing each, or the compiler gives up on them.
"""

import numpy as np
from lauscher.transformations import BushyCell, HairCell
from numba import njit

from experiments.datasets.synthetic.membrane import LANES, STEP_RATE

F = np.float32
ZERO, ONE = F(0), F(1)

_hair, _bushy = HairCell(), BushyCell()

# The hair cell: rates per step, and the pools at rest.
A, B, H = F(_hair.a), F(_hair.b), F(_hair.h / STEP_RATE)
Y, G, X = F(_hair.y / STEP_RATE), F(_hair.g / STEP_RATE), F(_hair.x / STEP_RATE)
R, LOSS = F(_hair.r / STEP_RATE), F((_hair.l + _hair.r) / STEP_RATE)
M = F(_hair.m)
_kt = _hair.g * _hair.a / (_hair.a + _hair.b)
_cleft = _hair.m * _hair.y * _kt / (_hair.l * _kt + _hair.y * (_hair.l + _hair.r))
CLEFT = F(_cleft)
POOL = F(_cleft * (_hair.l + _hair.r) / _kt)
STORE = F(_cleft * _hair.r / _hair.x)

# The bushy cell.
FIBRES = F(_bushy.n_convergence)
REFRACTORY = round(_bushy.tau_refrac * STEP_RATE)
MEMBRANE = F(np.exp(-1 / (STEP_RATE * _bushy.tau_mem)))
SYNAPSE = F(np.exp(-1 / (STEP_RATE * _bushy.tau_syn)))
WEIGHT = F(_bushy.weight / STEP_RATE)

# Counts are drawn up to this; more has a probability of 2e-6 at p = 0.03, about the largest that
# occurs.
MOST = 8


@njit(error_model="numpy", cache=True)
def firing_probability(velocity: np.ndarray) -> np.ndarray:
    """Return the probability that a fibre fires in each step, `(step, LANES)` float32."""
    p = np.empty_like(velocity)
    pool = np.full(LANES, POOL)
    cleft = np.full(LANES, CLEFT)
    store = np.full(LANES, STORE)
    for t in range(velocity.shape[0]):
        for k in range(LANES):
            drive = velocity[t, k] + A
            permeability = G * drive / (drive + B) if drive > ZERO else ZERO
            replenish = Y * (M - pool[k])
            replenish = replenish if replenish > ZERO else ZERO
            eject = permeability * pool[k]
            reprocess = X * store[k]
            new_pool = pool[k] + replenish - eject + reprocess
            new_store = store[k] + R * cleft[k] - reprocess
            new_cleft = cleft[k] + eject - LOSS * cleft[k]
            new_cleft = new_cleft if new_cleft > ZERO else ZERO
            pool[k] = new_pool if new_pool > ZERO else ZERO
            store[k] = new_store if new_store > ZERO else ZERO
            cleft[k] = new_cleft
            p[t, k] = new_cleft * H
    return p


@njit(error_model="numpy", cache=True)
def hashed(x: np.uint32) -> np.uint32:
    """Return a random-looking number for each number (Wellons' lowbias32)."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x7FEB352D))
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@njit(error_model="numpy", cache=True)
def bushy_spikes(p: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return spikes of the bushy cells, `(step, LANES)` uint8.

    Args:
        p: Firing probabilities of the fibres, `(step, LANES)` float32.
        keys: A random uint32 for each lane, and one more for the steps.
    """
    n_steps = p.shape[0]
    spikes = np.zeros((n_steps, LANES), np.uint8)
    uniform, count = np.empty(LANES, F), np.empty(LANES, F)
    free = np.full(LANES, FIBRES)
    recent = np.zeros((REFRACTORY - 1, LANES), F)
    current, potential = np.zeros(LANES, F), np.zeros(LANES, F)
    waiting = np.zeros(LANES, F)
    slot = 0
    for t in range(n_steps):
        step_key = hashed(np.uint32(t) ^ keys[LANES])
        for k in range(LANES):
            bits = hashed(step_key ^ keys[k])
            uniform[k] = F(np.int32(bits >> np.uint32(8))) * F(2**-24)
        binomial(uniform, p[t], free, count)
        ago = recent[slot]
        for k in range(LANES):
            free[k] += ago[k] - count[k]
            ago[k] = count[k]
        slot = slot + 1 if slot < REFRACTORY - 2 else 0
        integrate(count, current, potential, waiting, spikes[t - 1] if t else spikes[0])
    return spikes


@njit(error_model="numpy", cache=True)
def binomial(uniform: np.ndarray, p: np.ndarray, free: np.ndarray, count: np.ndarray) -> None:
    """Return counts of B(free, p) by inversion of the distribution function; `free` at most 63."""
    for k in range(LANES):
        n = np.int32(free[k])
        # (1 - p)^n by repeated squares: the vector units know no powers.
        power = ONE - p[k]
        mass = power if n & np.int32(1) else ONE
        for bit in (2, 4, 8, 16, 32):
            power = power * power
            mass = mass * power if n & np.int32(bit) else mass
        odds = p[k] / (ONE - p[k])
        below = mass
        drawn = ONE if uniform[k] >= below else ZERO
        for m in range(1, MOST):
            mass = mass * (free[k] - F(m - 1)) * odds / F(m)
            below += mass
            drawn += ONE if uniform[k] >= below else ZERO
        count[k] = drawn


@njit(error_model="numpy", cache=True)
def integrate(
    count: np.ndarray,
    current: np.ndarray,
    potential: np.ndarray,
    waiting: np.ndarray,
    spikes_before: np.ndarray,
) -> None:
    """Integrate one step; the spike of a threshold crossing belongs to the step before."""
    for k in range(LANES):
        current[k] = current[k] * SYNAPSE + count[k]
        fires = (waiting[k] <= ZERO) and (potential[k] >= ONE)
        wait = F(REFRACTORY) if fires else waiting[k]
        u = potential[k] * MEMBRANE + current[k] * WEIGHT
        u = u if u < ONE else ONE
        potential[k] = u if wait <= ZERO else ZERO
        waiting[k] = wait - ONE
        spikes_before[k] = np.uint8(1) if fires else np.uint8(0)
