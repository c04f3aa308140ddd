"""From dry speech to what arrives at the ear: silence around it, colour, noise, level."""

import numpy as np

from experiments.datasets.synthetic.membrane import HIGHEST, SAMPLE_RATE
from experiments.datasets.synthetic.synthesis import SAMPLE_RATE as DRY_RATE

LEVEL = 0.3
RAMP = 0.03
LEAD = (0.02, 0.18)
TAIL = (0.03, 0.13)
NOISE_DB = (28, 45)
COLOUR_DB = 8
# Where the colouring is drawn, Hz; smooth between.
KNOTS = np.array([100, 250, 600, 1500, 3500, 8000])


def place(dry: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Put a dry utterance into a room.

    Args:
        dry: Samples from `speech.synthesis`, int16 at 22 050 Hz.
        n: Length of the result, samples at 48 kHz.
        rng: Draws silence, colour and noise.

    Returns:
        The wave, `(n,)` at 48 kHz, root mean square 0.3 where the scene lasts and zero after it;
        and how many samples the scene lasts.
    """
    from scipy.signal import resample_poly

    word = resample_poly(trim(dry.astype(float)), SAMPLE_RATE // 150, DRY_RATE // 150)
    lead, tail = (int(SAMPLE_RATE * rng.uniform(*span)) for span in (LEAD, TAIL))
    word = word[: n - lead - tail]
    length = lead + len(word) + tail
    wave = np.zeros(n)
    wave[lead : lead + len(word)] = word
    wave = filtered(wave, colour(n, rng))
    noise = filtered(rng.standard_normal(n), pink(n))
    ratio = 10 ** (-rng.uniform(*NOISE_DB) / 20)
    wave += noise * ratio * rms(wave[lead : lead + len(word)]) / rms(noise)
    wave[length:] = 0
    wave *= LEVEL / rms(wave[:length])
    ramp = np.sin(np.linspace(0, np.pi / 2, int(RAMP * SAMPLE_RATE))) ** 2
    wave[: len(ramp)] *= ramp
    wave[length - len(ramp) : length] *= ramp[::-1]
    return wave, length


def trim(dry: np.ndarray, threshold: float = 0.01) -> np.ndarray:
    """Drop the silence before and after: samples below a share of the largest one."""
    loud = np.flatnonzero(np.abs(dry) > threshold * np.abs(dry).max())
    return dry[loud[0] : loud[-1] + 1]


def rms(wave: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(wave**2)))


def filtered(wave: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return the wave with the gain of each frequency applied."""
    return np.fft.irfft(np.fft.rfft(wave) * gain, n=len(wave))


def frequencies(n: int) -> np.ndarray:
    """Return frequencies of the Fourier transform of n samples, Hz."""
    return np.fft.rfftfreq(n, 1 / SAMPLE_RATE)


def colour(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return a microphone's or a room's gain: smooth over log frequency, a few dB up and down."""
    f = frequencies(n)
    decibel = np.interp(
        np.log(np.maximum(f, 1)), np.log(KNOTS), rng.uniform(-COLOUR_DB, COLOUR_DB, len(KNOTS))
    )
    return 10 ** (decibel / 20) * (f <= HIGHEST)


def pink(n: int) -> np.ndarray:
    """Return the gain that turns white noise into noise of power 1/f, from 50 Hz on."""
    f = frequencies(n)
    return np.where((f >= 50) & (f <= HIGHEST), np.maximum(f, 1) ** -0.5, 0)
