"""Import it before JAX: what runs once or twice is compiled with few optimisations."""

import os
from importlib.metadata import version

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Half the time where many programs run once each.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"
# Loops compiled one by one, without MLIR: a third of the time.
if version("jaxlib").startswith("0.10."):
    flags = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
    os.environ["XLA_FLAGS"] = " ".join(filter(None, (os.environ.get("XLA_FLAGS"), flags)))
