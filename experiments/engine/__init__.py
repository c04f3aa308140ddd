"""Machinery: compose, validate, compute or load, publish. It knows no experiment by name."""
