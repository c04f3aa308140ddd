"""A pytest plugin that checks spike functions: ``pytest --spike-functions mylib.surrogates``.

Each check of each function of the module becomes a test, beside those that pytest finds otherwise.
Loading the plugin, which pytest does in every run, imports neither `snn` nor JAX.
"""

import importlib
from itertools import product
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("snn").addoption(
        "--spike-functions",
        action="append",
        default=[],
        metavar="MODULE",
        help="check the spike functions of this module (snn_tools.conformance); may be repeated",
    )


@pytest.hookimpl(tryfirst=True)  # before -k and -m select
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Append one test for each function and check."""
    if not (modules := config.getoption("--spike-functions")):
        return
    from snn_tools.conformance.checks import CHECKS
    from snn_tools.conformance.collect import collect

    for module in modules:
        try:
            functions, _ = collect(module)
        except (ImportError, ValueError) as error:
            raise pytest.UsageError(f"--spike-functions {module}: {error}") from None
        path = getattr(importlib.import_module(module), "__file__", None) or module
        for function, check in product(functions, CHECKS):
            place = f"{module}::{function.name}::{check.__name__}"
            name = f"{function.name}-{check.__name__}"
            own = {"run": (check, function), "where": (path, None, place)}
            items.append(SpikeFunctionItem.from_parent(session, name=name, nodeid=place, **own))


class SpikeFunctionItem(pytest.Item):
    """Test that runs a check on a spike function."""

    def __init__(self, *, run: tuple[Any, Any], where: tuple[str, None, str], **kwargs: Any):
        super().__init__(**kwargs)
        self.run, self.where = run, where

    def runtest(self) -> None:
        """Fail or skip as the check does."""
        from snn_tools.conformance.checks import run

        check, function = self.run
        outcome = run(check, function)
        if outcome.status == "skipped":
            pytest.skip(outcome.message)
        if outcome.status == "failed":
            message = f"{self.where[2]}\n{outcome.message}\n    {function.reproduction(outcome)}"
            pytest.fail(message, pytrace=False)

    def reportinfo(self) -> tuple[str, None, str]:
        """Return file, line and name of the test."""
        return self.where
