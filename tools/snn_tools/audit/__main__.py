"""Audit spike functions of other libraries, and write docs/audit.md.

With the name of a library, the command must run in an environment with that library and numpy. The
results go to tools/docs/audit.json. Without a name, the command writes the tables of
tools/docs/audit.md from that file.

The functions are listed in the tables of `snn_tools.rosetta` and below. Claims are taken from the
libraries' documentation. JAX is needed only for libraries that need JAX.
"""

import argparse
import datetime
import importlib
import importlib.metadata
import json
import math
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from snn_tools.conformance import Claim, Form, Subject
from snn_tools.conformance.black_box import BlackBox, adapter
from snn_tools.conformance.checks.derivative import PLACES
from snn_tools.conformance.results import check
from snn_tools.interrupts import end_at_once
from snn_tools.rosetta import LIBRARIES
from snn_tools.rosetta.entry import Entry, at

# Both files belong to the checkout, not to the package.
RESULTS = Path(__file__).parents[2] / "docs" / "audit.json"
PAGE = RESULTS.with_suffix(".md")


class Audited(NamedTuple):
    """A spike function.

    Attributes:
        name: Name in the library.
        call: Python expression that calls the function.
        claim: Claims of the documentation.
        random: Whether anything is drawn.
    """

    name: str
    call: str
    claim: Claim = Claim()
    random: bool = False


def _drawn(name: str, derivative: Form, probability: Callable[..., np.ndarray]) -> Audited:
    """Return a function of norse that draws spikes."""
    call = f"lambda v: norse.torch.functional.threshold.{name}(v, 1.0)"
    return Audited(name, call, Claim(derivative, probability=probability), random=True)


def _matched(escape: str, density: Form, probability: Callable[..., np.ndarray]) -> Audited:
    """Return a spike drawn from escape noise of `snn`, with the matched derivative."""
    call = f"lambda v, key: snn.Spike()(snn.escape.{escape}, v, jax.random.uniform(key, v.shape))"
    claim = Claim(density, probability=probability, source="docs/escape_noise.md")
    return Audited(f"Matched, {escape.partition('(')[0]}", call, claim, random=True)


SHAPES = "docs/surrogate_derivatives.md"

# Functions without an entry in the table: the shape has two parameters, or is random.
OTHERS: dict[str, tuple[Audited, ...]] = {
    "snn": (
        Audited("MultilayerSpiker",
                "lambda v: snn.spike(v, snn.surrogate.MultilayerSpiker(delta_u=0.133))",
                Claim(Form("relu", 1.0, 1 / 0.133), at_threshold=0.0, source=SHAPES)),
        Audited("Zero", "lambda v: snn.spike(v, snn.surrogate.Zero())",
                Claim(Form("constant", 1.0, 0.0), at_threshold=0.0, source=SHAPES)),
        _matched("Sigmoid(10.0)", Form("sigmoid", 10.0, 2.5), lambda v: 0.5 + 0.5 * np.tanh(5 * v)),
        _matched("SuperSpike(10.0)", Form("superspike", 10.0, 5.0),
                 lambda v: 0.5 + 5 * v / (1 + 10 * np.abs(v))),
        _matched("Gaussian(0.1)", Form("gaussian", 10.0, 10 / math.sqrt(2 * math.pi)),
                 lambda v: 0.5 + 0.5 * np.vectorize(math.erf)(10 * v / math.sqrt(2))),
    ),
    "snntorch": (
        Audited("spike_rate_escape", "snntorch.surrogate.spike_rate_escape(beta=1, slope=25)",
                Claim(Form("exponential", 1, 25))),
        Audited("SSO", "snntorch.surrogate.SSO()", Claim(signed=True), random=True),
        Audited("LSO", "snntorch.surrogate.LSO(slope=0.1)", Claim(Form("leaky"))),
        Audited("SFS", "snntorch.surrogate.SFS(slope=25, B=1)",
                Claim(lambda v: (v > 1) * Form("superspike", 25)(v))),
    ),
    "spyx": (Audited("custom", "spyx.axn.custom()", Claim(Form("constant"))),),
    "norse": (
        _drawn("logistic_fn", Form("sigmoid", 2, 0.5), lambda v: 0.5 + 0.5 * np.tanh(v)),
        _drawn("circ_dist_fn", Form("circle", 1, 0.5), lambda v: 0.5 + v / np.hypot(v, 1) / 2),
    ),
    "sinabs": (
        Audited("PeriodicExponential", "lambda v: sinabs.activation.SingleSpike.apply("
                "v + 1.0, 1.0, sinabs.activation.PeriodicExponential())"),
    ),
    "snnax": (Audited("sigmoid_surrogate", "snnax.functional.surrogate.sigmoid_surrogate()"),),
}  # fmt: skip


# `import snnax` fails in snnax 0.0.1 for lack of a module; the file of its surrogates runs alone.
FILE = "runpy.run_path(importlib.util.find_spec('snnax').submodule_search_locations[0] + "
RUN_ALONE = {"snnax": ("runpy, importlib.util", FILE + "'/functional/surrogate.py')['{}']")}


def runnable(library: str, call: str) -> tuple[str, str]:
    """Return a call for the installed version, and the modules for the call."""
    if library not in RUN_ALONE:
        return call, LIBRARIES[library].module
    path, bracket, arguments = call.partition("(")
    modules, function = RUN_ALONE[library]
    return function.replace("{}", path.rpartition(".")[2]) + bracket + arguments, modules


def black_box(library: str, call: str, random: bool = False) -> BlackBox:
    """Return the function that an expression makes."""
    names = {}
    runs, modules = runnable(library, call)
    for module in modules.split(", "):
        importlib.import_module(module)
        root = module.partition(".")[0]
        names[root] = sys.modules[root]
    return adapter(LIBRARIES[library].framework)(eval(runs, names), random)


def functions(library: str) -> list[Subject]:
    """Return the audited functions, with the claims of the documentation."""
    listed = []
    for entry in LIBRARIES[library].entries:
        shape, beta, peak = entry.documented or (entry.shape, entry.steepness, entry.peaked)
        form = Form(shape, at(beta, entry.default), at(peak, entry.default))
        claim = Claim(form, signed=shape in ("cosine", "cosines", "multigaussian"))
        listed.append(Audited(entry.name, LIBRARIES[library].written(entry, entry.default), claim))
    return [
        Subject(name, black_box(library, call, random), claim, *runnable(library, call))
        for name, call, claim, random in (*listed, *OTHERS.get(library, ()))
    ]


def verified(library: str, entry: Entry) -> list[str]:
    """Return the errors in an entry of the table; an empty list if the entry is right.

    The derivative is compared at the default parameter and at 1.7 times the default. The spike at
    threshold is compared, too.
    """
    wrong = []
    for p in (entry.default, None if entry.default is None else 1.7 * entry.default):
        form = Form(entry.shape, entry.beta(p), entry.peak(p))
        function = Subject(entry.name, black_box(library, LIBRARIES[library].written(entry, p)))
        v = np.clip(PLACES / form.beta, -50, 50)
        got, right = function.gradient(v), form(v)
        error = np.abs(got - right) / abs(form.peak)
        error = error[np.isfinite(error)]  # the checks find overflows
        if not error.size or np.quantile(error, 0.99) > 1e-3:
            wrong.append(f"{entry.name}({p}): {error.max():.2g} of the peak off {form}")
    s = function.spikes(np.zeros(1))[0]
    if s != LIBRARIES[library].at_threshold:
        wrong.append(f"{entry.name}: spike {s:g} at threshold")
    return wrong


def audit(library: str) -> dict[str, Any]:
    """Run every check on every function of an installed library."""
    entries = LIBRARIES[library].entries
    subjects = functions(library)
    print(f"{library}, spike functions: {len(subjects)}", file=sys.stderr, flush=True)
    checked = [check(function).as_json() for function in subjects]
    print(f"{library}, the table: {len(entries)}", file=sys.stderr, flush=True)
    wrong = [problem for entry in entries for problem in verified(library, entry)]
    name = "snn-surrogate" if library == "snn" else library
    framework = LIBRARIES[library].framework
    return {
        "version": importlib.metadata.version(name),
        "framework": f"{framework} {importlib.metadata.version(framework)}".split("+")[0],
        "python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
        "functions": checked,
        "verified": len(entries),
        "not_verified": wrong,
    }


def main(arguments: Sequence[str]) -> int:
    """Audit the libraries in the arguments, or write the page.

    Returns:
        1 if an entry of the table differs from the library, else 0.
    """
    parser = argparse.ArgumentParser("python -m snn_tools.audit", description=__doc__)
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.libraries if name not in LIBRARIES]:
        parser.error(f"no such library: {unknown[0]}; one of {', '.join(LIBRARIES)}")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for library in options.libraries:
        results[library] = audit(library)
        for problem in results[library]["not_verified"]:
            print(f"{library}: {problem}")
    if options.libraries:
        ordered = {name: results[name] for name in LIBRARIES if name in results}
        RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")
        return int(any(results[library]["not_verified"] for library in options.libraries))
    from snn_tools.audit.page import blocks, filled

    PAGE.write_text(filled(PAGE.read_text(), blocks(results)))
    return 0


if __name__ == "__main__":
    end_at_once()
    sys.exit(main(sys.argv[1:]))
