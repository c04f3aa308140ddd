"""The paper's experiments, each a folder named by its science, and the machinery that runs them."""
