"""Right: convolution, batch norm in eval() and max pooling, which has ties of spikes."""

from spikingjelly.activation_based import layer

from tools.tests.networks.in_torch import built, cross_entropy, data
from tools.tests.torch.libraries import functional, neuron, surrogate, torch


def block(inputs, outputs):
    atan = neuron.LIFNode(surrogate_function=surrogate.ATan(), detach_reset=True)
    conv, norm = layer.Conv2d(inputs, outputs, 3, padding=1), layer.BatchNorm2d(outputs)
    torch.nn.init.constant_(norm.weight, 3.0)
    return conv, norm.eval(), atan, layer.MaxPool2d(2)


def forward(net, x):
    functional.reset_net(net)
    return net(x.repeat(6, 1, 1, 1, 1)).mean(dim=0)


def build(after=torch.nn.Identity):
    layers = *block(1, 4), after(), *block(4, 8), layer.Flatten(), layer.Linear(32, 3)
    net, *_, escape = built(torch.nn.Sequential(*layers))
    functional.set_step_mode(net, "m")
    images = 2 * torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    return net, forward, (images, data()[1]), cross_entropy, escape
