"""Machinery: compose, validate, compute or load, publish. It knows no experiment by name."""

import os

# Before JAX is loaded. XLA warns at length of each piece of code from the compilation cache that
# it was made for a processor with `prefer-no-gather`, which is a hint to the compiler that no
# processor has. Code from another one is not found at all (`runtime.processor_digest`).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
