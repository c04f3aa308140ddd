"""Text to speech: eSpeak NG, driven through its C interface.

The library has a global state, and each wave depends on all waves before. A process therefore
synthesises the words of one speaker in one language, in a fixed order, and then ends.
"""

import ctypes
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.datasets.synthetic.plan import Utterance
from experiments.datasets.synthetic.voices import VOICES, Voice

SAMPLE_RATE = 22_050

# Constants of speak_lib.h.
SYNCHRONOUS, DONT_EXIT, UTF8 = 2, 0x8000, 1
RATE, PITCH, RANGE = 1, 3, 4

CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def say_all(utterances: Sequence[Utterance], seed: int) -> list[np.ndarray]:
    """Synthesise utterances of one speaker in one language; call at most once in a process.

    Args:
        utterances: The utterances, in order.
        seed: Seed for the prosody, which varies a little between utterances.

    Returns:
        Samples of each utterance, int16 at 22 050 Hz, with the silence around the word.

    Raises:
        RuntimeError: if eSpeak does not start or does not know the voice.
    """
    speaker, language = utterances[0].speaker, utterances[0].language
    if any((u.speaker, u.language) != (speaker, language) for u in utterances):
        raise ValueError("one process speaks for one speaker in one language")
    voice = VOICES[speaker]
    rng = np.random.default_rng([seed, 1, speaker, language == "de"])
    with tempfile.TemporaryDirectory() as folder:
        library = _start(Path(folder), voice)
        chunks: list[np.ndarray] = []

        def collect(samples: "ctypes._Pointer[ctypes.c_short]", n: int, _: int) -> int:
            if n > 0:
                chunks.append(np.ctypeslib.as_array(samples, (n,)).copy())
            return 0

        callback = CALLBACK(collect)
        library.espeak_SetSynthCallback(callback)
        _succeed(library.espeak_SetVoiceByName(voice.named(language).encode()), "find the voice")
        spoken = []
        for utterance in utterances:
            chunks.clear()
            _say(library, utterance.word, voice.rate, rng)
            spoken.append(np.concatenate(chunks))
        library.espeak_Terminate()
    return spoken


def _start(folder: Path, voice: Voice) -> ctypes.CDLL:
    """Return the library, initialised with its own data and our voice."""
    import espeakng_loader

    data = folder / "espeak-ng-data"
    (data / "voices" / "!v").mkdir(parents=True)
    for entry in Path(espeakng_loader.get_data_path()).iterdir():
        if entry.name != "voices":
            (data / entry.name).symlink_to(entry)
    (data / "voices" / "!v" / voice.name).write_text(voice.text)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, str(folder).encode(), DONT_EXIT)
    if rate != SAMPLE_RATE:
        raise RuntimeError(f"eSpeak NG did not start: it returned {rate}, not {SAMPLE_RATE}")
    return library


def _say(library: ctypes.CDLL, word: str, rate: int, rng: np.random.Generator) -> None:
    """Synthesise a word with random tempo, pitch and range of pitch."""
    settings = {
        RATE: rate * rng.uniform(0.8, 1.25),
        PITCH: rng.uniform(30, 70),
        RANGE: rng.uniform(25, 75),
    }
    for parameter, value in settings.items():
        _succeed(library.espeak_SetParameter(parameter, round(value), 0), "set the prosody")
    text = word.encode()
    size = ctypes.c_size_t(len(text) + 1)
    _succeed(library.espeak_Synth(text, size, 0, 0, 0, UTF8, None, None), f"say {word!r}")


def _succeed(status: int, what: str) -> None:
    if status:
        raise RuntimeError(f"eSpeak NG could not {what}: it returned {status}")
