"""Compiled code that is kept: the same bits, harmless where it is damaged or of another machine."""

import os
import subprocess
import sys
from pathlib import Path

from experiments.engine import provenance, runtime
from experiments.engine.compose import plan
from experiments.engine.registry import Project

# One panel of a real figure. Once for each setting: its checksum, and whether there is kept code
# afterwards.
COMPUTE = """
import sys
from pathlib import Path
import jax
from experiments.engine.collect import collect
from experiments.engine.compose import plan
from experiments.engine.registry import Project
from experiments.engine.store import Store
cache = Path(sys.argv[1])
for is_kept in sys.argv[2:]:
    jax.clear_caches()
    given = ["figure=fig1/smoke", "compute=always", f"runtime.compilation_cache={is_kept}"]
    record = collect(Project(), plan(Project(), given), Store(cache))
    print(record["neuron"].parts[0]["data_sha256"], (cache / "xla").exists())
"""


def computed(cache: Path, *is_kept: str) -> tuple[list[str], str]:
    """Lines of COMPUTE in a process of its own, and what was said besides."""
    done = subprocess.run(
        [sys.executable, "-c", COMPUTE, str(cache), *is_kept],
        cwd=Project().root,
        env={**os.environ, "PYTHONPATH": str(Project().root)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines(), done.stderr


def test_the_same_bits_without_with_and_where_half_is_damaged(tmp_path):
    (without, first), _ = computed(tmp_path, "false", "true")
    bits = without.removesuffix(" False")
    assert without == f"{bits} False" and first == f"{bits} True"
    kept = {path: path.read_bytes() for path in (tmp_path / "xla").glob("*/*-cache")}
    assert len(kept) > 1
    for path in sorted(kept)[::2]:
        path.write_bytes(kept[path][: len(kept[path]) // 2])
    (second,), said = computed(tmp_path, "true")
    # Damaged code is compiled again in silence: it is no matter of the numbers.
    assert "persistent compilation cache" not in said and "Loading" not in said
    assert second == first


def test_code_of_another_processor_is_not_found(monkeypatch, tmp_path):
    info = tmp_path / "cpuinfo"
    digests = {runtime.processor_digest(), runtime.processor_digest()}
    assert len(digests) == 1
    monkeypatch.setattr(provenance, "CPU_INFO", info)
    for flags in ("fpu sse", "fpu sse avx"):
        info.write_text(f"model name\t: Another\nflags\t\t: {flags}\n")
        digests.add(runtime.processor_digest())
    info.unlink()
    assert len(digests | {runtime.processor_digest()}) == 4


def test_it_counts_neither_for_the_key_nor_for_the_stamp(toy, capfd):
    assert toy.run("figure=fig8/smoke") == 0
    assert plan(toy.project, ["figure=fig7/paper", "runtime.compilation_cache=false"]).stamp == ""
    assert toy.run("figure=fig8/smoke", "runtime.compilation_cache=false", "compute=never") == 0
    assert "0 computed, 2 from the cache" in capfd.readouterr().out
