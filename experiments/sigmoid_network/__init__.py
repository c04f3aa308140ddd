"""A network of five weights: its surrogate gradient is not the gradient of any function."""
