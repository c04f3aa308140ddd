"""What tests of compiled sums need."""

import pytest

from experiments.speech.event_driven import compiler

needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")
