"""Every figure, drawn from the numbers of extreme but legal parameters."""
