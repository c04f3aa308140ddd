"""One neuron, whose surrogate gradient is that of an expected spike."""
