"""How often, and from which moments and places on: `make torture ARGS='--rounds 20 --seed 1'`."""

import random

import pytest


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, default=5)
    parser.addoption("--seed", type=int, default=0)


@pytest.fixture
def rounds(request):
    return request.config.getoption("rounds")


@pytest.fixture
def chance(request):
    return random.Random(request.config.getoption("seed"))
