"""Figures 7 and 8: signals."""
