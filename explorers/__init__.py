"""Explorers: figures that a browser computes, on a page each."""

# Imported first, to listen for Ctrl-C early.
import experiments as experiments
