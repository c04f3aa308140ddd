"""The tables and findings of docs/audit.md, from docs/audit.json: python -m snn_tools.audit."""

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


def _overview(results: dict[str, Any]) -> str:
    usual = "without, apart from precision and second order"
    rows = []
    for name, result in results.items():
        functions = result["functions"]
        clean = sum(not function["failed"] for function in functions)
        usable = sum(_checks(function) <= {"precision", "second_order"} for function in functions)
        rows.append(
            [
                f"[{name}](#{name})",
                result["version"],
                f"{result['framework']}, Python {result['python']}",
                result["date"],
                str(len(functions)),
                str(clean),
                str(usable),
            ]
        )
    heads = ["library", "version", "on", "date", "functions", "without findings", usual]
    return table(heads, rows)


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
        if len(found) > 2:
            ends = [f"`{name}` ({width:.3g})" for width, name in (min(found), max(found))]
            rows.append([shape, str(len(found)), *ends])
    heads = ["shape", "functions", "narrowest default (FWHM)", "widest default (FWHM)"]
    return table(heads, rows)


def _library(name: str, result: dict[str, Any]) -> str:
    shared = _shared(result["functions"])
    rows, findings = [], []
    for function in result["functions"]:
        failed = [failure for failure in function["failed"] if failure["check"] not in shared]
        marks = [check for check in shared if check in _checks(function)]
        count = [str(len(failed))] if failed else []
        rows.append([*_cells(name, function), ", ".join(count + marks)])
        if failed:
            findings.append(_finding(name, function["name"], function["name"], failed))
    for check, failures in shared.items():
        head = f"{check}, {len(failures)} of {len(result['functions'])} functions"
        findings.insert(0, _finding(name, check, head, failures[:1]))
    heads = ["function", "s(0)", "peak", "FWHM", "integral", "lacks", "findings"]
    alike = {
        head: values[0]
        for head, *values in zip(heads, *rows, strict=True)
        if head in ("s(0)", "lacks", "findings") and len(set(values)) == 1
    }
    kept = [place for place, head in enumerate(heads) if head not in alike]
    shown = table([heads[i] for i in kept], [[row[i] for i in kept] for row in rows])
    said = [f"{head.replace('s(0)', 's(0) =')} {value}" for head, value in alike.items() if value]
    for_all = f"All: {', '.join(said)}.\n\n" if said else ""
    return f"\n## {name}\n\n{for_all}{shown}{''.join(findings)}"


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


def _cells(library: str, function: dict[str, Any]) -> list[str]:
    shown = f"`{_parameters(library, function['call']) or function['name']}`"
    if not function["passed"]:
        return [shown, *["–"] * 5]
    shape = function["shape"]
    numbers = ["∞" if shape[key] is None else f"{shape[key]:.4g}" for key in NUMBERS]
    at = function["at_threshold"]
    lacks = ", ".join(word for check, word in OFFERED.items() if check in function["skipped"])
    return [shown, "random" if at is None else f"{at:g}", *numbers, lacks]


NUMBERS = ("peak", "width", "integral")
OFFERED = {"half_precision": "half", "forward_mode": "forward", "second_order": "second"}


def _parameters(library: str, call: str) -> str:
    """Return name and parameters, without modules and wrappers."""
    before, _, after = LIBRARIES[library].template.partition("{}")
    if call.startswith(before):
        return call.removeprefix(before).removesuffix(after)
    if "threshold." in call:  # norse's drawn spikes
        return call.rpartition("threshold.")[2]
    return call.rpartition("['")[2].replace("']", "")  # of a file that is run alone


def _finding(library: str, known: str, head: str, failed: list[dict[str, str]]) -> str:
    message = f"{failed[0]['message']} ({', '.join(failure['check'] for failure in failed)})"
    return f"\n**{_escaped(head)}**: {_escaped(message)}{_workaround(library, known)}\n"


def _workaround(library: str, name: str) -> str:
    known = WORKAROUNDS.get(library, {}).get(name)
    return f". Workaround: {known}." if known else "."


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*")
