"""Disturb runs, damage what they keep, and count what happens: `python -m scripts.survive`."""
