"""Tools for those who work on the repository."""

# If this is a command, the import first installs a handler for Ctrl-C.
import experiments as experiments
