"""Faults of a leaky network in JAX and in PyTorch: a row for each, with its kinds."""

from math import e

from jax.lax import stop_gradient


def times(height=1.0, slope=4.0, at=0.0):
    """Return a backward pass whose derivative is that of SuperSpike times a height."""
    return lambda v, g: g * height / (1 + slope * abs(v - at)) ** 2


def overflowing(v, g):
    return g * 25 * e ** (-25 * v) / (1 + e ** (-25 * v)) ** 2


def without_gradient(v, g):
    return times()(v, 1.0)


def detached(x):
    return x.detach() if hasattr(x, "detach") else stop_gradient(x)


FAULTS = {
    "state detached at each step": ({"state": detached}, {"scaled", "cut"}),
    "recurrence detached": ({"recurrent": detached}, {"scaled", "cut"}),
    "readout cut": ({"sent": detached}, {"cut"}),
    "surrogate of u": ({"layers": [times(at=-1.0)]}, {"aside"}),
    "wrong sign": ({"layers": [times(-1.0)]}, {"shape"}),
    "backward pass without the gradient": ({"layers": [without_gradient]}, {"chain"}),
    "slope forgotten": ({"layers": [times(slope=0.1)], "gain": 1.5}, {"flat"}),
    "overflow": ({"layers": [overflowing]}, {"overflow"}),
    "heights differ by layer": ({"layers": [times(), times(10.0)]}, {"unequal"}),
    "eight layers of height 8": ({"layers": [times(8.0)] * 8}, {"explodes"}),
    "eight layers of height 1/16": ({"layers": [times(1 / 16)] * 8}, {"vanishes"}),
    "dead without noise": ({"gain": 0.15}, {"silent"}),
    "saturated": ({"threshold": -30.0}, {"saturated"}),
    "clip at the threshold": ({"clip": lambda u: u.clip(max=1.0)}, {"clipped"}),
    "reset drawn separately": ({"drawn_twice": True}, {"redrawn"}),
}
"""Arguments of `lif` in both libraries, and the kinds of findings of which one must be there."""
