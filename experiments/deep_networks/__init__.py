"""Networks of several layers of stochastic neurons: their surrogate gradient is biased."""
