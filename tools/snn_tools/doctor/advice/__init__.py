"""Turn numbers into findings with evidence; only measurements lead to advice.

Thresholds are named constants beside their use. Advice rests on beyond/docs/true_gradient.md
(spiking networks over time, figure 9) and on which_gradient.md beside it (layers without time,
figure 8).
"""
