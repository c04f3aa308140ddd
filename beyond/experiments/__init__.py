"""Chapters of the figures beyond the paper."""
