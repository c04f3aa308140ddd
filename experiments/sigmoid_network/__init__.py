"""Five weights, whose surrogate gradient is no gradient of anything."""
