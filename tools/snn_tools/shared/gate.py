"""Gate for tests: a report that must have no fault and no layer below a cosine."""

from snn_tools.shared.report import Report


def assert_ok(report: Report, per_array: float) -> Report:
    """Return a report without faults, all of whose known cosines can be `per_array` or more.

    A layer whose cosine noise hides does not fail: the headline names it.

    Args:
        report: the report.
        per_array: smallest cosine to the exact gradient of each layer; a layer fails if its whole
            95 % interval is below.

    Raises:
        AssertionError: otherwise, with the report as its message.
    """
    low = [r.group for r in report.directions if r.known and r.interval[1] < per_array]
    why = [f"cosine below {per_array:g} in {', '.join(low)}"] * bool(low)
    why += [f"faults: {', '.join(dict.fromkeys(f.kind for f in report.faults))}"] * bool(
        report.faults
    )
    if why:
        raise AssertionError(f"{'; '.join(why)}\n\n{report}")
    return report
