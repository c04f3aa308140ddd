"""Twelve pseudo-speakers, each a voice file for eSpeak NG."""

from dataclasses import dataclass

import numpy as np

from experiments.datasets.synthetic.plan import N_SPEAKERS

ENGLISH_DIALECTS = ("en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029")


@dataclass(frozen=True)
class Voice:
    """A pseudo-speaker.

    Attributes:
        name: Name of the voice file.
        text: Contents of the voice file.
        english: The English dialect; eSpeak has one German.
        rate: Tempo, words per minute.
    """

    name: str
    text: str
    english: str
    rate: int

    def named(self, language: str) -> str:
        """Return eSpeak's name of this voice in a language, `en` or `de`."""
        return f"{self.english if language == 'en' else language}+{self.name}"


def voice(speaker: int) -> Voice:
    """Return a speaker's voice: the same in every corpus, whatever its seed.

    The vocal tract scales all formants (long ones low), single formants deviate by some per cent.
    Pitch follows the tract, since both follow body size, with a deviation of its own. Every other
    speaker is high-voiced.
    """
    rng = np.random.default_rng([7, speaker])
    high = speaker % 2
    tract = rng.uniform(1.05, 1.2) if high else rng.uniform(0.88, 1.03)
    pitch = (195 if high else 105) * rng.uniform(0.85, 1.15)
    width = rng.uniform(1.15, 1.5)
    lines = [
        "language variant",
        f"name s{speaker:02d}",
        f"gender {'female' if high else 'male'}",
        f"pitch {pitch:.0f} {pitch * width:.0f}",
        f"flutter {rng.integers(0, 12)}",
        f"roughness {rng.integers(0, 4)}",
        f"consonants {rng.integers(80, 120)} {rng.integers(80, 120)}",
    ]
    for formant in range(6):
        frequency = 100 * tract * rng.uniform(0.93, 1.07)
        strength, bandwidth = rng.integers(85, 116), rng.integers(85, 121)
        lines.append(f"formant {formant} {frequency:.0f} {strength} {bandwidth}")
    klatt = int(rng.choice([0, 0, 0, 0, 2, 3]))
    if klatt:
        lines.append(f"klatt {klatt}")
    return Voice(
        name=f"s{speaker:02d}",
        text="\n".join(lines) + "\n",
        english=ENGLISH_DIALECTS[speaker % len(ENGLISH_DIALECTS)],
        rate=int(rng.integers(100, 135)),
    )


VOICES = tuple(voice(speaker) for speaker in range(N_SPEAKERS))
