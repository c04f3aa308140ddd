"""Explorers: figures that a browser computes, one page each."""

# Its first act is to listen for Ctrl-C, if this is a command.
import experiments as experiments
