"""The tables and findings of docs/audit.md, from docs/audit.json: python -m snn_tools.audit."""

import re
from typing import Any

from snn_tools.markdown import table
from snn_tools.rosetta import LIBRARIES

# What helps against a finding, by library and function, or check where several functions share it.
WORKAROUNDS: dict[str, dict[str, str]] = {
    "snntorch": {
        "precision": "cast the spikes, `.to(v.dtype)`, outside float32",
        "atan": "none needed: the formula of spikingjelly's `ATan` describes it",
        "sigmoid": "a custom surrogate with `k * torch.sigmoid(k * v) * torch.sigmoid(-k * v)`",
        "triangular": "a custom surrogate, `lambda v, g, s: g * torch.relu(1 - v.abs())`",
        "spike_rate_escape": "a custom surrogate that takes the potential minus threshold",
        "LSO": "a custom surrogate, `lambda v, g, s: g * torch.where(s > 0, 1.0, 0.1)`; "
        "`LeakySpikeOperator` itself returns one gradient for two arguments, which PyTorch "
        "refuses",
        "heaviside": "no second derivatives of it",
        "SSO": "no second derivatives of it",
    },
    "spyx": {
        "custom": "`spyx.axn.custom(jnp.ones_like)` is straight-through",
    },
    "spikingjelly": {
        "FakeNumericalGradient": "add 0.0 to the potential: -0.0 + 0.0 is 0.0",
    },
    "norse": {
        "super": "scale the potential: the function of `alpha * v` has the width that is meant, "
        "and `alpha` times its height",
        "tanh": "multiply by k / 2 where a density is needed",
        "circ": "divide by 2 alpha where a density is needed",
        "heavi_erfc": "multiply by k / 2 where a density is needed",
        "logistic_fn": "multiply by k / 2 where the slope of the firing probability is needed",
        "circ_dist_fn": "divide by 2 alpha where the slope of the firing probability is needed",
    },
    "sinabs": {
        "precision": "cast the spikes, `.to(v.dtype)`, outside float32",
    },
    "snnax": {
        "superspike_surrogate": "`snn.spike(v, snn.surrogate.SuperSpike(beta))`, but for the spike "
        "at v = 0",
        "sigmoid_surrogate": "`snn.spike(v, snn.surrogate.Sigmoid(beta))`, but for the spike at "
        "v = 0",
    },
    "braintools": {
        "second_order": "no second derivatives of it; `jax.hessian` gives 0 silently",
        "PiecewiseLeakyRelu": "multiply by 2 where the documented height is meant",
    },
}


def blocks(results: dict[str, Any]) -> dict[str, str]:
    """Return what the page says of the libraries, from the content of tools/docs/audit.json."""
    return {
        "agreement": _agreement(results),
        "measured": _measured(results),
        "overview": _overview(results),
        "widths": _widths(results),
        "libraries": "".join(_library(name, result) for name, result in results.items()),
    }


def _agreement(results: dict[str, Any]) -> str:
    audited = sum(result["verified"] for result in results.values())
    wrong = sum(len(result["not_verified"]) for result in results.values())
    listed = sum(len(library.entries) for library in LIBRARIES.values())
    return (
        f"Of the {listed} entries of its table, {audited - wrong} agree with the installed "
        "library, at two values\nof the parameter each, to a thousandth of the peak.\n"
    )


def _measured(results: dict[str, Any]) -> str:
    on = {f"{result['framework']}, Python {result['python']}" for result in results.values()}
    dates = sorted(result["date"] for result in results.values())
    return f"Measured from {dates[0]} to {dates[-1]}, with {'; or '.join(sorted(on))}.\n"


def _overview(results: dict[str, Any]) -> str:
    usual = "without, apart from precision and second order"
    rows = []
    for name, result in results.items():
        functions = result["functions"]
        clean = sum(not function["failed"] for function in functions)
        skipped = [set(function["skipped"]) for function in functions if function["passed"]]
        lacked = set.intersection(*skipped) if skipped else set()
        usable = sum(_checks(function) <= {"precision", "second_order"} for function in functions)
        rows.append(
            [
                f"[{name}](#{name})" if clean < len(functions) else name,
                result["version"],
                _at_threshold(functions),
                ", ".join(word for check, word in OFFERED.items() if check in lacked),
                str(len(functions)),
                str(clean),
                str(usable),
            ]
        )
    heads = ["library", "version", "s(0)", "all lack"]
    return table([*heads, "functions", "without findings", usual], rows)


def _at_threshold(functions: list[dict[str, Any]]) -> str:
    """Return the spike at v = 0 where it is the same in all; nothing where all are drawn."""
    found = {function["at_threshold"] for function in functions} - {None}
    return "varies" if len(found) > 1 else "".join(f"{s:g}" for s in found)


OFFERED = {
    "half_precision": "half precision",
    "forward_mode": "forward mode",
    "second_order": "second derivatives",
}


def _widths(results: dict[str, Any]) -> str:
    """Return how far apart the defaults of one shape are."""
    by_shape: dict[str, list[tuple[float, str]]] = {}
    for name, result in results.items():
        shapes = {entry.name: entry.shape for entry in LIBRARIES[name].entries}
        for function in result["functions"]:
            width = function["shape"].get("width")
            if width and function["name"] in shapes:
                found = by_shape.setdefault(shapes[function["name"]], [])
                found.append((width, f"{name}.{function['name']}"))
    rows = []
    for shape, found in by_shape.items():
        if len(found) > 4:
            ends = [f"`{name}` ({width:.3g})" for width, name in (min(found), max(found))]
            rows.append([shape, str(len(found)), *ends])
    heads = ["shape", "functions", "narrowest default (FWHM)", "widest default (FWHM)"]
    return table(heads, rows)


def _library(name: str, result: dict[str, Any]) -> str:
    """Return the findings of one library; nothing where there are none."""
    functions = result["functions"]
    shared = _shared(functions)
    findings = []
    for check, failures in shared.items():
        others = [f["name"] for f in functions if check not in _checks(f)]
        head = f"{check}, {len(failures)} of {len(functions)} functions"
        head += f", not {', '.join(others)}" if others else ""
        findings.append(_finding(name, check, head, failures[:1]))
    for function in functions:
        if failed := [x for x in function["failed"] if x["check"] not in shared]:
            findings.append(_finding(name, function["name"], function["name"], failed))
    return f"\n## {name}\n{''.join(findings)}" if findings else ""


def _checks(function: dict[str, Any]) -> set[str]:
    return {failure["check"] for failure in function["failed"]}


def _shared(functions: list[dict[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """Return checks that three functions or more fail in one way: told once."""
    found: dict[str, list[dict[str, str]]] = {}
    for function in functions:
        for failure in function["failed"]:
            if failure["check"] in ("precision", "second_order"):
                found.setdefault(failure["check"], []).append(failure)
    return {check: failures for check, failures in found.items() if len(failures) > 2}


def _finding(library: str, known: str, head: str, failed: list[dict[str, str]]) -> str:
    said = re.sub(r".*\((everywhere .+? times the claim)\)", r"derivative \1", failed[0]["message"])
    message = f"{said} ({', '.join(failure['check'] for failure in failed)})"
    workaround = WORKAROUNDS.get(library, {}).get(known)
    end = f". Workaround: {workaround}." if workaround else "."
    return f"\n**{_escaped(head)}**: {_escaped(message)}{end}\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*")
