import numpy as np


def sin(t):
    return np.sin(t)
