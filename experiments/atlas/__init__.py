"""Figure 8: bias, variance and cost of every estimator in random networks."""
