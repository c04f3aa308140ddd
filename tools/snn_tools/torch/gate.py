"""Gates for tests of networks in PyTorch: of a whole network, and of one layer."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from snn_tools.shared.cases import of_code, of_derivatives, without_effect
from snn_tools.shared.course import Course
from snn_tools.shared.report import Report
from snn_tools.shared.rules import statements
from snn_tools.torch.code import given_spikes
from snn_tools.torch.examination import examine, words_of
from snn_tools.torch.program import Program, layers_in, own
from snn_tools.torch.refusals import refuse_other_potentials
from snn_tools.torch.shapes import firing, shape_of
from snn_tools.torch.spikes import Escape, Refused, Sigmoid
from snn_tools.torch.switches import off_in, switched


def call(net: torch.nn.Module, x: Tensor) -> Any:
    """Reset the neurons of a network, and run it."""
    for module in net.modules():
        for name in ("reset_mem", "reset_hidden", "reset"):
            if callable(reset := getattr(module, name, None)) and module is not net:
                reset()
                break
    return net(x)


def assert_gradient_ok(
    model: torch.nn.Module,
    batch: Tensor | tuple[Tensor, ...],
    loss: Callable[..., Tensor],
    per_array: float = 0.3,
    *,
    forward: Callable[..., Any] = call,
    escape: Escape = Sigmoid(4.0),  # noqa: B008
    budget: float | int = 10,
) -> Report:
    """Assert that a network's gradient has no fault and no layer below a cosine.

    ::

        def test_gradient():
            assert_gradient_ok(net, (x, labels), loss, per_array=0.3)

    Args:
        model: the network.
        batch: inputs, or ``(inputs, targets)``, examples along the first axis.
        loss: ``(output, *targets) -> losses``, one for each example.
        per_array: smallest cosine to the exact gradient of each layer whose cosine is known.
        forward: ``(net, inputs) -> output``, from a fresh state.
        escape: the escape noise of all neurons.
        budget: seconds of the clock.

    Returns:
        The report.

    Raises:
        AssertionError: with the report as its message.
    """
    program = Program(model, forward, batch, loss, escape)
    return examine(program, budget).asserted(per_array)


def course(program: Program, checkpoints: Mapping[str, Mapping[str, Any]], **how: Any) -> Course:
    """Examine a network at the checkpoints of its training.

    Args:
        program: the network, its input, loss and noise; its parameters are the same afterwards.
        checkpoints: state dictionaries by name of the checkpoint, in the order of the training.
        how: ``budget`` of each checkpoint, and ``seed``.

    Returns:
        The reports; ``print`` shows a table, ``plot()`` makes a picture.
    """
    before = {name: x.clone() for name, x in program.net.state_dict().items()}

    def examined(state: Mapping[str, Any]) -> Report:
        program.net.load_state_dict(state)
        return examine(program, **how)

    try:
        return Course(tuple(checkpoints), tuple(map(examined, checkpoints.values())))
    finally:
        program.net.load_state_dict(before)


class GradcheckError(RuntimeError):
    """Error of `gradcheck`, with all faults."""


class Layer(torch.nn.Module):
    """Layer called for some steps with the same input; the input is a parameter, too."""

    def __init__(self, layer: torch.nn.Module, x: Tensor, steps: int) -> None:
        super().__init__()
        self.layer, self.steps = layer, steps
        self.input = torch.nn.Parameter(torch.zeros_like(x))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return all outputs of all steps."""
        norse = type(self.layer).__module__.startswith("norse.")
        state, outputs = None, []
        for _ in range(self.steps):
            out = self.layer(x + self.input, state) if norse else self.layer(x + self.input)
            out = out if isinstance(out, tuple) else (out,)
            state = out[-1] if norse else None
            outputs += [y for y in out if isinstance(y, Tensor)]
        return outputs


def gradcheck(
    module: torch.nn.Module,
    x: Tensor,
    *,
    steps: int = 3,
    raise_exception: bool = True,
) -> bool:
    """Check the derivatives of one spiking layer, as `torch.autograd.gradcheck` does of a function.

    At given spikes, the derivatives of outputs and potentials by parameters and input are compared
    with finite differences in float64. The surrogate derivatives must lie at the spike, be finite
    and positive. Spikes must not be detached on their way to other neurons. The surrogate of a
    layer in eval mode, or with a fused backend, must not be off.

    Args:
        module: the layer, in the mode in which it is trained.
        x: its input in one step, rows first.
        steps: number of steps with this input.
        raise_exception: whether to raise an error in place of returning False.

    Returns:
        Whether all derivatives are right.

    Raises:
        GradcheckError: with the faults.
        ValueError: if the layer's spikes cannot be replaced, or if it keeps its state.
    """
    net = Layer(module, x, steps)

    def loss(outputs: list[Tensor]) -> Tensor:
        generator = torch.Generator().manual_seed(0)
        total = 0.0
        for y in outputs:
            weights = torch.randn(y[:1].shape, generator=generator, dtype=torch.float64)
            total = total + (weights.to(y) * y).reshape(len(y), -1).sum(dim=1)
        return torch.as_tensor(total)

    program = Program(net, call, x, loss, Sigmoid(1.0))
    words = words_of(net)
    with switched(net, on=True):
        run = program.run(1, own)
        refuse_other_potentials(run.tape, program.run(1, own).tape)
    switches = off_in(program)
    with switched(net, on=True):
        if not run.tape.sites:
            raise Refused("gradcheck: got a layer without spikes that can be replaced.")
        program.repeats.update(run.tape.find_repeats())
        layers = {name: run.tape.sites[k[0]] for name, k in layers_in(run.tape).items()}
        shapes = [
            (name, shape_of(site.function, site.v), shape_of(firing(program), site.v))
            for name, site in layers.items()
        ]
        generator = torch.Generator().manual_seed(1)
        sites = program.run(1, own).tape.sites
        spikes = [(torch.rand(s.v.shape, generator=generator) < 0.5).to(s.v) for s in sites]
        checks = given_spikes(program, spikes)
    cases = {
        "switches": switches,
        "derivative": of_derivatives(shapes, words),
        "code": of_code(checks, words),
        "without effect": without_effect(checks),
    }
    faults = [x for x in statements(cases) if x.fault]
    if faults and raise_exception:
        raise GradcheckError("\n".join(["gradcheck: got", *map(str, faults)]))
    return not faults
