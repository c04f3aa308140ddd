"""What spike functions of ten libraries compute, measured: docs/audit.md."""
