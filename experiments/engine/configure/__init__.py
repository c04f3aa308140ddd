"""From a command line to one validated run: Hydra composes, the schema checks."""
