"""Training that survives a kill: the loop, its checkpoints, and optimisers by name."""
