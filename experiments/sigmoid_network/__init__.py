"""Figures 4 and 5: five weights, whose surrogate gradient is no gradient of anything."""
