"""Machinery: compose, validate, compute or load, publish. No module names an experiment."""

import os

# Before JAX is loaded. XLA would warn of each program from the compilation cache, because the
# compiler's hint `prefer-no-gather` is not a feature of this processor. Programs for another
# processor are not found at all (`runtime.processor_digest`).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
