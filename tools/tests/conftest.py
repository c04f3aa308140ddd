"""The settings of the companion's tests, and checks of this package's shapes and types, too."""

from jaxtyping import install_import_hook

from tests.conftest import *  # noqa: F403

install_import_hook(["snn_tools"], "beartype.beartype")
