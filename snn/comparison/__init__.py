"""Cosines and norm ratios of noisy gradients."""
