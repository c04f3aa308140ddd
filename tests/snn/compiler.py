"""What tests of compiled sums need."""

import shutil

import pytest

from snn.event_driven import COMPILERS

needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, COMPILERS)), reason="there is no C++ compiler"
)
