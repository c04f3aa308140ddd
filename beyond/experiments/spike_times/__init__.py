"""Spike times in continuous time: event-based, surrogate and true gradients (figure 11)."""
