"""Declarations of an experiment: parameters with ranges, arrays with axes and units, quantities."""
