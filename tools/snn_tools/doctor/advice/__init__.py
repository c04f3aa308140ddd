"""From numbers to findings: each with its evidence, and advice only where something was measured.

Thresholds stand where they are used, by name. Advice rests on beyond/docs/true_gradient.md (spiking
networks over time, figure 9) and which_gradient.md beside it (layers without time, figure 8).
"""
