"""Tools for those who work on the repository."""

# Its first act is to listen for Ctrl-C, if this is a command.
import experiments as experiments
