"""Write the tables and findings of docs/audit.md from docs/audit.json: python -m snn_tools.audit.

Each block of the page lies between the lines `<!-- NAME -->` and `<!-- /NAME -->`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from snn_tools.rosetta import LIBRARIES

# Workaround for a finding, by library and function; by library and check for a shared finding.
WORKAROUNDS = tomllib.loads((Path(__file__).parents[2] / "docs" / "workarounds.toml").read_text())


def blocks(results: dict[str, Any]) -> dict[str, str]:
    """Return the blocks of the page, from the content of tools/docs/audit.json."""
    audited = sum(result["verified"] for result in results.values())
    wrong = sum(len(result["not_verified"]) for result in results.values())
    listed = sum(len(library.entries) for library in LIBRARIES.values())
    on = {f"{result['framework']}, Python {result['python']}" for result in results.values()}
    dates = sorted(result["date"] for result in results.values())
    return {
        "agreement": f"Of the {listed} entries of its table, {audited - wrong} agree with the "
        "installed library, at two values\nof the parameter each, to a thousandth of the peak.\n",
        "measured": f"Measured from {dates[0]} to {dates[-1]}, with {'; or '.join(sorted(on))}.\n",
        "overview": _overview(results),
        "widths": _widths(results),
        "libraries": "".join(_library(name, result) for name, result in results.items()),
    }


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """Return a page with new contents of its blocks.

    Raises:
        ValueError: For a block that the page does not have.
    """
    for name, content in blocks.items():
        block = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        if not block.search(page):
            raise ValueError(f"the page has no <!-- {name} --> and <!-- /{name} -->")
        page = block.sub(lambda _, content=content: content, page)
    return page


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; bars in cells are escaped."""
    head, *body = (
        "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
        for cells in (header, *rows)
    )
    return head + "|---" * len(header) + "|\n" + "".join(body)


def _overview(results: dict[str, Any]) -> str:
    usual = "without, apart from precision and second order"
    rows = []
    for name, result in results.items():
        functions = result["functions"]
        clean = sum(not function["failed"] for function in functions)
        skipped = [set(function["skipped"]) for function in functions if function["passed"]]
        lacked = set.intersection(*skipped) if skipped else set()
        spikes = {function["at_threshold"] for function in functions} - {None}
        usable = sum(_checks(function) <= {"precision", "second_order"} for function in functions)
        rows.append(
            [
                f"[{name}](#{name})" if clean < len(functions) else name,
                result["version"],
                "varies" if len(spikes) > 1 else "".join(f"{s:g}" for s in spikes),
                ", ".join(word for check, word in OFFERED.items() if check in lacked),
                str(len(functions)),
                str(clean),
                str(usable),
            ]
        )
    heads = ["library", "version", "s(0)", "all lack"]
    return _table([*heads, "functions", "without findings", usual], rows)


OFFERED = {
    "half_precision": "half precision",
    "forward_mode": "forward mode",
    "second_order": "second derivatives",
}


def _widths(results: dict[str, Any]) -> str:
    """Return a table of the narrowest and widest default of each shape."""
    by_shape: dict[str, list[tuple[float, str]]] = {}
    for name, result in results.items():
        shapes = {entry.name: entry.shape for entry in LIBRARIES[name].entries}
        for function in result["functions"]:
            width = function["shape"].get("width")
            if width and function["name"] in shapes:
                widths = by_shape.setdefault(shapes[function["name"]], [])
                widths.append((width, f"{name}.{function['name']}"))
    rows = []
    for shape, widths in by_shape.items():
        if len(widths) > 4:
            ends = [f"`{name}` ({width:.3g})" for width, name in (min(widths), max(widths))]
            rows.append([shape, str(len(widths)), *ends])
    heads = ["shape", "functions", "narrowest default (FWHM)", "widest default (FWHM)"]
    return _table(heads, rows)


def _library(name: str, result: dict[str, Any]) -> str:
    """Return the findings of one library as text; empty without findings."""
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
    """Return the checks that three or more functions fail in one way; the page lists them once."""
    shared: dict[str, list[dict[str, str]]] = {}
    for function in functions:
        for failure in function["failed"]:
            if failure["check"] in ("precision", "second_order"):
                shared.setdefault(failure["check"], []).append(failure)
    return {check: failures for check, failures in shared.items() if len(failures) > 2}


def _finding(library: str, name: str, head: str, failed: list[dict[str, str]]) -> str:
    first = re.sub(
        r".*\((everywhere .+? times the claim)\)", r"derivative \1", failed[0]["message"]
    )
    message = f"{first} ({', '.join(failure['check'] for failure in failed)})"
    workaround = WORKAROUNDS.get(library, {}).get(name)
    end = f". Workaround: {workaround}." if workaround else "."
    return f"\n**{_escaped(head)}**: {_escaped(message)}{end}\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*")
