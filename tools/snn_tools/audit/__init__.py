"""Measure the spike functions of ten libraries: docs/audit.md."""
