"""Exact gradients of small PyTorch networks: all patterns of spikes, one pattern in each row."""

import numpy as np

from tools.tests.torch.libraries import torch

from snn_tools.torch.refusals import replayed  # isort: skip


def patterns(indices):
    """Return a draw whose spikes are the binary digits of each row's number."""

    def draw(function, v, first):
        bits = torch.arange(first, first + v[0].numel())
        return ((indices[:, None] >> bits) & 1).reshape(v.shape)

    return draw


def enumerated(program):
    r"""Return the gradient of sum_s P(s) L(s), and that with the surrogate derivative of spikes."""
    sites, examples = replayed(program).sites, len(program.batch[0])
    indices = torch.arange(2**sites)
    gradients = []
    for surrogate in (False, True):
        run = program.run(2**sites, patterns(indices.repeat_interleave(examples)), surrogate)
        p = run.tape.log_prob.exp().reshape(run.losses.shape)
        assert abs(float(p.detach().sum()) / examples - 1) < 1e-9
        p = p.detach() if surrogate else p
        gradients.append(program.gradient((p * run.losses).sum() / examples))
    return np.stack(gradients)
