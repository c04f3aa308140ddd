"""Beyond the paper: figures 8 to 11, in the shape of the companion; see README.md."""
