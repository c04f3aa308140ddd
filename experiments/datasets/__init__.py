"""Spoken digits and other data sets as spikes, in the schema of docs/data.md."""

from experiments.datasets.catalogue import CATALOGUE as CATALOGUE
from experiments.datasets.catalogue import Request as Request
from experiments.datasets.catalogue import entry as entry
from experiments.datasets.events import Events as Events
from experiments.datasets.opening import Dataset as Dataset
from experiments.datasets.opening import check_inputs as check_inputs
from experiments.datasets.opening import check_sizes as check_sizes
from experiments.datasets.opening import open_dataset as open_dataset
from experiments.datasets.reader import load as load
from experiments.datasets.splits import Split as Split
from experiments.datasets.splits import split as split
