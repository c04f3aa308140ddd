"""Tools for those who work on the repository."""

# Sets up Ctrl-C, if this is a command.
import experiments as experiments
