"""Panels by what they draw; the entry files `figures/figN.py` put them together."""

import numpy as np

Panel = dict[str, np.ndarray]
"""Arrays by name."""
Data = dict[str, Panel]
"""Those of a figure, by panel."""
