"""A module of flax.nnx in training mode is refused in words of its own."""

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

import snn
from snn_tools import doctor

LAYERS = {
    "Dropout": lambda rngs: nnx.Dropout(0.5, rngs=rngs),
    "BatchNorm": lambda rngs: nnx.BatchNorm(4, rngs=rngs),
}


class Net(nnx.Module):
    """One layer of neurons behind dropout or batch norm."""

    def __init__(self, layer):
        rngs = nnx.Rngs(0)
        self.up, self.mid = nnx.Linear(3, 4, rngs=rngs), layer(rngs)
        self.spike = snn.SpikeFunction(snn.escape.Sigmoid(4.0))

    def __call__(self, x, u):
        s = self.spike(u - 0.5)
        return s, 0.8 * u + self.mid(3 * self.up(x)) - 0.5 * s


def examined(module):
    network, params = snn.from_nnx(module, jnp.zeros(4))
    program = snn.Program(network, jnp.ones((6, 3)), lambda out: ((out.mean(0) - 0.3) ** 2).sum())
    return doctor.examine(program, params, jax.random.key(0), budget=0.01)


@pytest.mark.parametrize("name", LAYERS)
def test_training_mode_is_refused_and_evaluation_mode_is_not(name):
    module = Net(LAYERS[name])
    with pytest.raises(ValueError, match=rf"got mid \({name}\) in training mode.*module\.eval\(\)"):
        examined(module)
    module.eval()
    assert not examined(module).faults
