"""Figure 9: networks of LIF neurons over time, against their true gradient."""
