"""Estimators against the true gradient of any program: `snn.compare`, its table and its plot."""
