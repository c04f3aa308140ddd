"""Figure 10: training along exact gradients and along exact means of surrogate gradients."""
