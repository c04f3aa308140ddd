"""Figures 1 and 2: one neuron, whose surrogate gradient is that of an expected spike."""
