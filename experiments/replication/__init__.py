"""Whether the paper's numbers are reproduced and its claims hold: goldens, claims, the report."""
