"""Spoken digits as spikes, or others of one's own: one schema, one loader; see docs/data.md."""

from experiments.datasets.catalogue import NAMES as NAMES
from experiments.datasets.catalogue import Dataset as Dataset
from experiments.datasets.catalogue import check_sizes as check_sizes
from experiments.datasets.catalogue import digest as digest
from experiments.datasets.catalogue import n_own as n_own
from experiments.datasets.catalogue import open_dataset as open_dataset
from experiments.datasets.events import Events as Events
from experiments.datasets.hdf5 import load as load
from experiments.datasets.splits import Split as Split
from experiments.datasets.splits import split as split
