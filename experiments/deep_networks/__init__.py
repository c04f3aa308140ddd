"""Figure 3: layers of stochastic neurons, where the surrogate gradient is biased."""
