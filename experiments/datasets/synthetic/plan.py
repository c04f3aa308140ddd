"""Who says what: classes, speakers and the split into training and test set."""

from dataclasses import dataclass

from experiments.datasets.synthetic.settings import Settings

ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
GERMAN = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
CLASS_NAMES = ENGLISH + GERMAN
N_SPEAKERS = 12
TEST_SPEAKERS = (4, 5)
TRAIN_SPEAKERS = tuple(s for s in range(N_SPEAKERS) if s not in TEST_SPEAKERS)
N_CLASSES = len(CLASS_NAMES)


@dataclass(frozen=True)
class Utterance:
    """One spoken digit.

    Attributes:
        index: Place in the corpus; training utterances come first.
        label: Class, 0 to 19.
        speaker: Speaker, 0 to 11.
    """

    index: int
    label: int
    speaker: int

    @property
    def language(self) -> str:
        """`en` or `de`, which the class decides."""
        return "en" if self.label < len(ENGLISH) else "de"

    @property
    def word(self) -> str:
        """The word that is said."""
        return CLASS_NAMES[self.label]


def utterances(settings: Settings) -> list[Utterance]:
    """Return all utterances of a corpus, `n_train` for training and then `n_test` for the test.

    Each class comes equally often in both sets, and speakers take turns within each class. Half of
    the test set is said by `TEST_SPEAKERS`, who say nothing else.
    """
    turns = [(TRAIN_SPEAKERS, settings.n_train)]
    turns += [(speakers, settings.n_test // 2) for speakers in (TEST_SPEAKERS, TRAIN_SPEAKERS)]
    said: list[Utterance] = []
    for speakers, n in turns:
        for i in range(n):
            round_, label = divmod(i, N_CLASSES)
            # Each class starts with another speaker, so that a few utterances have all of them.
            speaker = speakers[(round_ + label + label // len(ENGLISH)) % len(speakers)]
            said.append(Utterance(len(said), label, speaker))
    return said
