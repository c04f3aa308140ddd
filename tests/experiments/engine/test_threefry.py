"""Threefry without its loop: known answers, JAX's numbers, and no loop."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.random import threefry_2x32

from experiments.engine import threefry

# Key, counter and result: those of Random123, the authors' own code.
ANSWERS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


def answer(key, counter):
    """Words as a program uses them that JAX compiles."""
    found = jax.jit(threefry_2x32)(jnp.array(key, jnp.uint32), jnp.array(counter, jnp.uint32))
    return tuple(int(word) for word in found)


@pytest.mark.parametrize("key, counter, expected", ANSWERS)
def test_known_answers(key, counter, expected):
    threefry.unroll()
    assert answer(key, counter) == expected


@pytest.mark.parametrize("wrong", [{"PARITY": 0}, {"ROTATIONS": ((13, 15, 26, 6),) * 2}])
def test_a_wrong_constant_is_noticed(monkeypatch, wrong):
    for name, value in wrong.items():
        monkeypatch.setattr(threefry, name, value)
    (key, counter, expected), words = ANSWERS[2], np.uint32
    assert tuple(threefry.threefry(*map(words, key), *map(words, counter))) != expected


def test_what_is_compiled_has_no_loop():
    threefry.unroll()
    program = jax.jit(lambda key: jax.random.uniform(key, (50,))).lower(jax.random.key(0))
    assert "while" not in program.as_text()
