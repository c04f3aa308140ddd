"""Fault (scaled): a derivative that is three times too large behind a max pooling with ties."""

from tools.tests.networks import torch_convolution_eval
from tools.tests.torch.libraries import torch


class Factor(torch.nn.Module):
    def forward(self, s):
        return 3 * s - 2 * s.detach()


def build():
    return torch_convolution_eval.build(Factor)
