"""Spoken digits and other data sets as spikes, in the schema of docs/data.md."""

from experiments.datasets.catalogue import CATALOGUE as CATALOGUE
from experiments.datasets.catalogue import Dataset as Dataset
from experiments.datasets.catalogue import Source as Source
from experiments.datasets.catalogue import open_dataset as open_dataset
from experiments.datasets.catalogue import source as source
from experiments.datasets.events import Events as Events
from experiments.datasets.reader import load as load
from experiments.datasets.splits import Split as Split
from experiments.datasets.splits import split as split
