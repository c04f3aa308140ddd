"""Claims beyond the paper, on Boolean tasks and on the two losses over time (figure 10)."""

from beyond.experiments.study import claims

SOURCE = "figure 10, beyond the paper"
CLAIMS = claims("fig10")
