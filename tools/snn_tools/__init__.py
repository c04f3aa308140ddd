"""Tools around `snn`, which examine networks, gradients and spike functions of any library.

`doctor` examines the surrogate gradient of a network in JAX, `torch` that of a network in PyTorch;
both use the statistics, rules and reports of `shared`. `conformance` checks spike functions,
`stochad` has stochastic triples. The core imports none of them. Importing
this package imports neither JAX nor PyTorch.
"""
