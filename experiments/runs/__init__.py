"""Published runs: how to find a run, and how to compare runs."""
