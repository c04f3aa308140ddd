"""What is drawn, as text, in tests/drawn: `record` writes it down, `make gallery` renews it."""

# Its first act is to listen for Ctrl-C, if this is a command.
import experiments as experiments
