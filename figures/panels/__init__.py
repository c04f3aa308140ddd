"""Panels by what they draw; the entry files `figures/figN.py` put them together."""
