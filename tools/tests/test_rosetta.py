"""Conversions between libraries give the derivative that they say; the table is the audit's."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from snn_tools.conformance import Form
from snn_tools.rosetta import LIBRARIES, Conversion, convert, names

ROOT = Path(__file__).parents[1]
AUDIT = json.loads((ROOT / "docs" / "audit.json").read_text())
V = np.linspace(-3, 3, 61) * np.sqrt(2)
ENTRIES = [(name, entry) for name, there in LIBRARIES.items() for entry in there.entries]


def form(entry, p):
    return Form(entry.shape, entry.beta(p), entry.peak(p))


def written(entry, conversion):
    """The derivative of a call, times the factor that is left: its numbers read back."""
    keywords = dict(re.findall(r"(\w+)=([-+.e\d]+)", conversion.call))
    positional = re.search(r"', ([-+.e\d]+)\)", conversion.call)
    p = float(keywords.get(entry.parameter) or (positional[1] if positional else 1))
    height = float(keywords.get(entry.height, entry.unit)) / entry.unit
    return conversion.scale * height * form(entry, p)(V)


def test_conversions_give_the_derivative_that_they_say():
    n_found = 0
    for source, entry in ENTRIES:
        value = 3.0 if entry.parameter else None
        name = f"{source}.{entry.name}" + (f"({value})" if value else "")
        for target, library in LIBRARIES.items():
            try:
                there = convert(name, to=target)
            except ValueError as error:
                assert f"{target} has no derivative of the shape {entry.shape!r}" in str(error)
                continue
            n_found += 1
            same = [other for other in library.entries if other.shape == entry.shape]
            assert any(
                np.allclose(written(other, there), form(entry, value)(V), rtol=1e-4, atol=1e-9)
                for other in same
            ), (name, there)
    assert n_found > 200


@pytest.mark.parametrize(
    "name, to, call, scale",
    [
        ("norse.super(100)", "snntorch", "snntorch.surrogate.fast_sigmoid(slope=1)", 1.0),
        ("snntorch.atan", "spyx", "spyx.axn.arctan(k=1)", np.pi),
        ("jaxpike.Boxcar(1)", "spyx", "spyx.axn.boxcar(width=1, height=1)", 1.0),
        ("spyx.boxcar(width=1)", "jaxpike", "jaxpike.Boxcar(width=1)", 0.5),
        ("SNNTORCH.surrogate.Sigmoid(4)", "spyx", "spyx.axn.tanh(k=2)", 1.0),
        ("spikingjelly.SoftSign(2)", "spikingjelly",
         "spikingjelly.activation_based.surrogate.SoftSign(alpha=2)", 1.0),
        ("snn.ScaledSigmoid(10)", "norse",
         "lambda v: norse.torch.functional.threshold.threshold(v, 'tanh', 5)", 0.25),
    ],
)  # fmt: skip
def test_known_conversions(name, to, call, scale):
    conversion = convert(name, to=to)
    assert conversion.call == call
    assert conversion.scale == pytest.approx(scale, rel=1e-5)


def test_what_else_differs_is_said():
    shown = str(convert("norse.super(100)", to="spikingjelly"))
    assert "norse.super does not use alpha" in shown
    assert "at v = 0 the spike is 0 in norse and 1 in spikingjelly" in shown
    assert str(Conversion("f(2)", 0.5)) == "f(2), with its derivative multiplied by 0.5"


@pytest.mark.parametrize(
    "name, to, message",
    [
        ("snntroch.atan", "spyx", "got 'snntroch', expected one of snn, "),
        ("spyx.superspke(3)", "snn", "spyx has no 'superspke'. It has tanh.+superspike"),
        (
            "snn.SuperSpike(x)",
            "spyx",
            r"got \(x\), expected one positive number, beta: snn.SuperSpike\(10\)",
        ),
        ("snntorch.atan(alpha=-1)", "spyx", r"got \(alpha=-1\), expected one positive number"),
        ("snntorch.atan(beta=1)", "spyx", r"got \(beta=1\), expected one positive number, alpha"),
        ("snntorch.atan(0)", "spyx", r"got \(0\), expected one positive number, alpha"),
        ("snntorch.atan(inf)", "spyx", r"got \(inf\), expected one positive number, alpha"),
        ("snntorch.heaviside", "spyx", "spyx has no derivative of the shape 'relu'.+It has tanh, "),
    ],
)
def test_unknown_names_end_in_one_message(name, to, message):
    with pytest.raises(ValueError, match=message):
        convert(name, to=to)


def test_the_table_was_verified_in_the_installed_libraries():
    assert list(AUDIT) == list(LIBRARIES)
    for library, result in AUDIT.items():
        assert result["not_verified"] == [], library
        audited = {function["name"]: function for function in result["functions"]}
        assert set(names(library)) <= set(audited)
        for entry in LIBRARIES[library].entries:
            measured, expected = audited[entry.name], form(entry, entry.default)
            # A shape with two sides of one height has its peak at either.
            assert abs(measured["shape"]["peak"]) == pytest.approx(abs(expected.peak), rel=1e-3)
            assert measured["at_threshold"] == LIBRARIES[library].at_threshold


def test_every_finding_can_be_reproduced():
    for library, result in AUDIT.items():
        for function in result["functions"]:
            for failure in function["failed"]:
                line = failure["reproduction"]
                compile(line, library, "exec")
                assert line.startswith("import "), (library, function["name"])


def training(page):
    return (ROOT.parent / page).read_text().partition("<!-- training -->")[2].partition("<!--")[0]


@pytest.mark.skipif(not (ROOT.parent / "beyond").is_dir(), reason="beyond is not there")
def test_both_tables_of_lines_to_train_with_are_one():
    """README has two rows, with snnTorch's line for most users: deterministic, several layers."""
    table = training("README.md")
    assert set(table.splitlines()) <= set(training("beyond/docs/which_gradient.md").splitlines())
    (row,) = (line for line in table.splitlines() if "without noise, several layers" in line)
    assert f"`{convert('snn.SuperSpike(10)', to='snntorch')}`" in row
