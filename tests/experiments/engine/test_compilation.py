"""What runs once is compiled briefly, a training's loop is not; what the user has set stays."""

import os
import subprocess
import sys

import pytest

from experiments.engine.compilation import BRIEFLY, THERE
from experiments.engine.registry import Project

COMPILE = """
import jax
from experiments.engine.compilation import FOR_LONG
from experiments.engine.runtime import activate
from experiments.engine.schema import Runtime
def once(x): return 2 * x
def loop(x): return 3 * x
for _ in range(2):
    activate(Runtime())
jax.jit(once)(1.0)
jax.jit(loop, compiler_options=FOR_LONG)(1.0)
"""


@pytest.mark.skipif(not THERE, reason="this jaxlib has no such choice")
def test_the_choice_reaches_the_compiler(tmp_path):
    mine = f"--xla_dump_to={tmp_path} --xla_cpu_parallel_codegen_split_count=3"
    environment = {**os.environ, "PYTHONPATH": str(Project().root), "XLA_FLAGS": mine}
    command = [sys.executable, "-c", COMPILE]
    subprocess.run(command, cwd=Project().root, env=environment, check=True)
    once, loop = (
        next(tmp_path.glob(f"*.jit_{name}.debug_options")).read_text() for name in ("once", "loop")
    )
    assert "split_count=2" in BRIEFLY
    for options in (once, loop):
        assert "xla_cpu_parallel_codegen_split_count: 3" in options
    # Only what differs from XLA's own choice is listed.
    assert "xla_cpu_use_fusion_emitters: false" in once
    assert "xla_cpu_use_fusion_emitters" not in loop
