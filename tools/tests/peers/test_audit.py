"""What an audit finds now is what tools/docs/audit.json says: `make conformance`."""

import json

import pytest

from snn_tools.audit.__main__ import RESULTS, audit

pytest.importorskip("jaxpike")
COMMITTED = json.loads(RESULTS.read_text())


def findings(result):
    return {(one["name"], f["check"]) for one in result["functions"] for f in one["failed"]}


def shape_values(audited):
    return [float("inf") if x is None else x for x in audited["shape"].values()]


@pytest.mark.parametrize("library", ["snn", "jaxpike", "slax"])
def test_no_finding_is_new_or_gone(library):
    now = audit(library)
    assert now["not_verified"] == []
    assert findings(now) == findings(COMMITTED[library])
    committed = {one["name"]: one for one in COMMITTED[library]["functions"]}
    for one in now["functions"]:
        # To the last of the six digits that are written; below 1e-9 there is rounding alone.
        assert shape_values(one) == pytest.approx(shape_values(committed[one["name"]]), 5e-7, 1e-9)
