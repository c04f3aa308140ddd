"""Compiled code that is kept: the same bits, harmless where it is damaged or of another machine."""

import os
import subprocess
import sys

from experiments.engine import jax_setup, provenance
from experiments.engine.config import Project

# One panel of a real figure. Once for each setting: its checksum, and whether there is kept code
# afterwards. Before the last, a third of its files are cut in half, a third have a bit flipped; not
# where JAX compresses with zstandard, which is in no lock and need not see that.
COMPUTE = """
import random, sys
from importlib.util import find_spec
from pathlib import Path
from experiments.engine.run import collect
import jax
from jax.experimental.compilation_cache import compilation_cache
from experiments.engine.config import plan
from experiments.engine.config import Project
from experiments.engine.cache import checksum
from tests.torture.flips import one_bit
cache = Path(sys.argv[1])
xla = cache / 'snn-surrogate' / 'xla'
for state in ("off", "on", "damaged"):
    jax.clear_caches()
    compilation_cache.reset_cache()
    jax.config.update("jax_enable_compilation_cache", state != "off")
    if state == "damaged":
        kept = sorted(xla.glob("*/*-cache"))
        assert len(kept) > 2
        for path in kept[::3]:
            code = path.read_bytes()
            path.write_bytes(code[: len(code) // 2])
        for path in kept[1::3] if find_spec("zstandard") is None else ():
            path.write_bytes(one_bit(path.read_bytes(), random.Random(0)))
    given = ["figure=fig1/smoke", "compute=always", f"results_dir={cache}"]
    record = collect(Project(), plan(Project(), given))
    print(checksum(record.arrays["neuron"]), xla.exists())
"""


def test_the_same_bits_without_with_and_where_some_is_damaged(tmp_path, monkeypatch):
    # JAX sets it when it is imported first, as in this process.
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    done = subprocess.run(
        [sys.executable, "-c", COMPUTE, str(tmp_path)],
        cwd=Project().root,
        env={**os.environ, "PYTHONPATH": str(Project().root), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    without, first, second = done.stdout.splitlines()
    bits = without.removesuffix(" False")
    assert without == f"{bits} False" and first == f"{bits} True"
    # Damaged code is compiled again in silence: it is no matter of the numbers.
    assert "persistent compilation cache" not in done.stderr and "Loading" not in done.stderr
    assert second == first


def test_code_of_another_processor_is_not_found(monkeypatch, tmp_path):
    info = tmp_path / "cpuinfo"
    digests = {jax_setup.processor_digest(), jax_setup.processor_digest()}
    assert len(digests) == 1
    monkeypatch.setattr(provenance, "CPU_INFO", info)
    for flags in ("fpu sse", "fpu sse avx"):
        info.write_text(f"model name\t: Another\nflags\t\t: {flags}\n")
        digests.add(jax_setup.processor_digest())
    info.unlink()
    assert len(digests | {jax_setup.processor_digest()}) == 4
