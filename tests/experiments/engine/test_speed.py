"""Speed: known answers of Threefry, what reaches XLA and Python, and one switch for all of it."""

import json
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import pytest
from jax.extend.random import threefry_2x32

from experiments.engine import jax_setup as speed
from experiments.engine.config import Project

# Key, counter and result: those of Random123, the authors' own code.
ANSWERS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


def answer(key, counter):
    """Words as a program uses them that JAX compiles."""
    cipher_words = jax.jit(threefry_2x32)(
        jnp.array(key, jnp.uint32), jnp.array(counter, jnp.uint32)
    )
    return tuple(int(word) for word in cipher_words)


@pytest.mark.parametrize("key, counter, expected", ANSWERS)
def test_known_answers(key, counter, expected):
    speed.unroll()
    assert answer(key, counter) == expected


@pytest.mark.parametrize("wrong", [{"PARITY": 0}, {"ROTATIONS": ((13, 15, 26, 6),) * 2}])
def test_a_wrong_constant_is_noticed(monkeypatch, wrong):
    for name, value in wrong.items():
        monkeypatch.setattr(speed, name, value)
    (key, counter, expected), words = ANSWERS[2], jnp.uint32
    assert tuple(speed.threefry(*map(words, key), *map(words, counter))) != expected


COMPILE = """
import json
import jax
from experiments.engine.jax_setup import activate
from experiments.engine.config import Runtime
from experiments.training.loop import jit_for_long
def once(x): return 2 * x
def loop(x): return 3 * x
for _ in range(2):
    activate(Runtime())
jax.jit(once)(1.0)
jit_for_long(loop)(1.0)
draw = jax.jit(lambda key: jax.random.uniform(key, (50,))).lower(jax.random.key(0))
print(json.dumps({"loop": "while" in draw.as_text()}), flush=True)
"""


@pytest.mark.parametrize("off", [False, True])
def test_all_of_it_is_on_unless_the_one_switch_says_otherwise(tmp_path, off):
    mine = f"--xla_dump_to={tmp_path} --xla_cpu_parallel_codegen_split_count=3"
    environment = {**os.environ, "PYTHONPATH": str(Project().root), "XLA_FLAGS": mine}
    environment[speed.SWITCH] = "0" if off else ""
    command = [sys.executable, "-c", COMPILE]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    assert json.loads(done.stdout)["loop"] is off
    once, loop = (
        next(tmp_path.glob(f"*.jit_{name}.debug_options")).read_text() for name in ("once", "loop")
    )
    for options in (once, loop):
        assert "xla_cpu_parallel_codegen_split_count: 3" in options
    # Only what differs from XLA's own choice is listed.
    has_choice = speed.version("jaxlib").startswith("0.10.")
    assert ("xla_cpu_use_fusion_emitters: false" in once) is (has_choice and not off)
    assert "xla_cpu_use_fusion_emitters" not in loop
