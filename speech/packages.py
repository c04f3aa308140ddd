"""The optional packages, and one message where they are missing."""

from importlib.util import find_spec

NEEDED = ("espeakng_loader", "lauscher", "numba", "scipy", "h5py")


class MissingPackages(ImportError):
    """Packages that generate speech are not installed."""


def require() -> None:
    """Checks that speech can be generated here.

    Raises:
        MissingPackages: naming what is missing and the command that installs it.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise MissingPackages(
            f"packages that synthesise speech are missing\n  got:      no {', '.join(missing)}\n"
            "  expected: the packages of the extra 'speech'\n"
            "  fix:      pip install --require-hashes -r configs/figure/fig7/requirements.lock "
            "(make figure-7 does it)"
        )
