"""Training that survives a kill: the loop, and optimisers by name."""
