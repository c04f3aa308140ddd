"""Estimators against the true gradient of any program: `compare`, its table and its plot."""

from snn_tools.comparison.compare import compare as compare
