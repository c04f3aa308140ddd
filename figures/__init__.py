"""Renderers: numbers in, a figure out. Nothing here computes, or imports JAX."""
