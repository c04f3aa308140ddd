"""The optional packages, and the message if they are missing."""

from importlib.util import find_spec

from experiments.engine.errors import UserError

NEEDED = ("espeakng_loader", "lauscher", "numba", "scipy", "h5py")


def require() -> None:
    """Check that speech can be generated here.

    Raises:
        UserError: naming what is missing and the command that installs it.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        what, got = "packages that synthesise speech are missing", f"no {', '.join(missing)}"
        command = "pip install --require-hashes -r configs/figure/fig7/requirements.lock"
        fix = f"{command} (make figure-7 does it)"
        raise UserError(what, got, "the packages of the extra 'speech'", fix)
