"""Layers of stochastic neurons, where the surrogate gradient is biased."""
