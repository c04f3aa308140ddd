"""Beyond the paper: figures 8 to 10, in the shape of the companion; see README.md."""
