"""The paper's experiments by chapter, what they share, and the machinery that runs them."""
