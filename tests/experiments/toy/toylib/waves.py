from toylib import helpers


def sine(t):
    """The sine of t."""
    return helpers.sin(t)
