"""From a validated run to published numbers and pictures: compute or load, store, publish."""
