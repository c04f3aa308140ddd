"""Two small experiments, to test the machinery without the science."""
