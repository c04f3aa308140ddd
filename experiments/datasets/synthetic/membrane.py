r"""The basilar membrane: sound to the velocity of the membrane at 700 places.

Lauscher's model (Sieroka, Dosch and Rupp 2006, the one behind the Heidelberg data sets) gives the
transfer function :math:`V(\omega, c)` from sound to velocity at place :math:`c`. Two facts make it
fast. All utterances are padded to one length, so that :math:`V` is tabulated once. And lauscher
takes the real part of an inverse transform over the positive frequencies at half the sampling rate,

.. math::
    v_n = \mathrm{Re} \frac1M \sum_{k=0}^{M-1} V_k X_k e^{2 \pi i k n / M},

where :math:`X_k = 0` in the upper half, above 11 kHz. The sum is therefore half a real inverse
transform of :math:`M/2 + 1` frequencies.
"""

from pathlib import Path

import numpy as np

from experiments.engine.cache import new_file

SAMPLE_RATE = 48_000
# Half the rate at which speech is synthesised, in Hz.
HIGHEST = 11_025
N_CHANNELS = 700
# Number of channels that are computed together: neighbours in memory share instructions.
LANES = 64
N_BLOCKS = -(-N_CHANNELS // LANES)
# Steps of 1/24 000 s: 1.024 s, a length that the Fourier transform likes.
N_STEPS = 24_576
STEP_RATE = SAMPLE_RATE // 2
N_SAMPLES = 2 * (N_STEPS - 1)

# Frequencies as lauscher counts them, Hz; the few kept above the highest take what ramps spill.
FREQUENCIES = np.linspace(1, STEP_RATE, N_STEPS)
N_KEPT = int(np.searchsorted(FREQUENCIES, HIGHEST + 200))


def tabulate(folder: Path, block: int) -> None:
    """Write the transfer function of a block of channels, unless the file exists.

    The file holds `(N_KEPT, LANES)` complex64; channels beyond the last are zero.
    """
    from lauscher.transformations import BasilarMembrane

    path = table_path(folder, block)
    if path.exists():
        return
    model = BasilarMembrane(N_CHANNELS)
    omega = 2 * np.pi * FREQUENCIES[:N_KEPT]
    table = np.zeros((N_KEPT, LANES), np.complex64)
    # Two factors of lauscher's `_v`, its method for V, do not depend on the place.
    base, source = model._p(omega, 0.0), model._z(omega)
    for lane, place in enumerate(model.ch[block * LANES : (block + 1) * LANES]):
        pressure = model._p(omega, place)
        table[:, lane] = 2.0 * omega / model._xi(omega, place) * pressure * source / base
    with new_file(path) as temporary, temporary.open("wb") as file:
        np.save(file, table)


def table_path(folder: Path, block: int) -> Path:
    """Return the file of a block's table."""
    return folder / f"membrane-{block:02d}.npy"


def load(folder: Path) -> list[np.ndarray]:
    """Return the tables of all blocks, mapped into memory: processes share one copy."""
    return [np.load(table_path(folder, block), mmap_mode="r") for block in range(N_BLOCKS)]


def spectrum(wave: np.ndarray) -> np.ndarray:
    """Return the sound's Fourier transform, `(N_KEPT, 1)` complex64, of a wave `(N_SAMPLES,)`."""
    from scipy.fft import rfft

    return np.asarray(rfft(wave))[:N_KEPT, None].astype(np.complex64)


def velocity(sound: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the velocity at one block of places, `(N_STEPS, LANES)` float32, from a `spectrum`."""
    from scipy.fft import irfft

    half = np.zeros((N_STEPS // 2 + 1, LANES), np.complex64)
    np.multiply(sound, table, out=half[:N_KEPT])
    # The real inverse transform counts every frequency twice but the first.
    half[1:N_KEPT] *= np.float32(0.5)
    return np.asarray(irfft(half, n=N_STEPS, axis=0, overwrite_x=True))
