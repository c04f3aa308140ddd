"""What an audit finds now is what tools/docs/audit.json says: `make conformance`."""

import json

import pytest

from snn_tools.audit.__main__ import RESULTS, audit

pytest.importorskip("jaxpike")
COMMITTED = json.loads(RESULTS.read_text())


def findings(result):
    return {(one["name"], f["check"]) for one in result["functions"] for f in one["failed"]}


@pytest.mark.parametrize("library", ["snn", "jaxpike", "slax"])
def test_no_finding_is_new_or_gone(library):
    now = audit(library)
    assert now["not_verified"] == []
    assert findings(now) == findings(COMMITTED[library])
