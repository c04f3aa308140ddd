"""Plan of a corpus: classes, speakers, and the split into training and test set."""

from dataclasses import dataclass

from experiments.datasets.synthetic.settings import CorpusSettings

ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
GERMAN = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
CLASS_NAMES = ENGLISH + GERMAN
N_SPEAKERS = 12
TEST_SPEAKERS = (4, 5)
TRAIN_SPEAKERS = tuple(s for s in range(N_SPEAKERS) if s not in TEST_SPEAKERS)
N_CLASSES = len(CLASS_NAMES)


@dataclass(frozen=True)
class Utterance:
    """A spoken digit.

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
        """Language of the class, `en` or `de`."""
        return "en" if self.label < len(ENGLISH) else "de"

    @property
    def word(self) -> str:
        """Spoken word."""
        return CLASS_NAMES[self.label]


def utterances(settings: CorpusSettings) -> list[Utterance]:
    """Return all utterances of a corpus, `n_train` for training and then `n_test` for the test.

    All classes are equally frequent in both sets, and speakers take turns within each class. Half
    of the test set has `TEST_SPEAKERS`, who speak nowhere else.
    """
    turns = [(TRAIN_SPEAKERS, settings.n_train)]
    turns += [(speakers, settings.n_test // 2) for speakers in (TEST_SPEAKERS, TRAIN_SPEAKERS)]
    corpus: list[Utterance] = []
    for speakers, n in turns:
        for i in range(n):
            round_, label = divmod(i, N_CLASSES)
            # Classes start with different speakers, so that a small corpus has all speakers.
            speaker = speakers[(round_ + label + label // len(ENGLISH)) % len(speakers)]
            corpus.append(Utterance(len(corpus), label, speaker))
    return corpus
