"""Synthetic spoken digits through a model of the inner ear: a stand-in for recorded speech.

Text to speech (`synthesis`, `voices`), a room (`room`), the cochlea, hair cells and bushy cells
(`ear`), and a pair of HDF5 files in the schema of the Heidelberg data sets (`corpus`). Importing
this package is cheap; what speech synthesis needs on top is imported when something is generated.
"""

from experiments.datasets.synthetic.corpus import generate as generate
from experiments.datasets.synthetic.plan import CLASS_NAMES as CLASS_NAMES
from experiments.datasets.synthetic.plan import TEST_SPEAKERS as TEST_SPEAKERS
from experiments.datasets.synthetic.settings import CorpusSettings as CorpusSettings
