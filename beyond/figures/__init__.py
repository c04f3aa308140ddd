"""Renderers of the figures beyond the paper."""
