"""Networks of other libraries, and plain functions, as programs."""
