"""Networks of LIF neurons over time, against their true gradient."""
