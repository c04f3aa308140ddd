"""Bias, variance and cost of every estimator in random networks."""
