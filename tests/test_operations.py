"""The account of a compiled function's time by kind of operation."""

import time

import jax
import jax.numpy as jnp

from scripts.operations import by_kind


def test_products_and_windows_are_told_apart_and_add_up_to_the_time_of_a_call():
    """A loop of products, and one of windows without any, on one thread."""
    x, w = jnp.ones((20, 512, 512)), jnp.ones((512, 512))

    def products(x, w):
        return jax.lax.scan(lambda total, a: (total + a @ w, None), 0 * w, x)[0]

    def windows(x, w):
        return jnp.concatenate([x[:, j : j + 32] for j in range(32)], axis=-1)

    shares = []
    for function in (products, windows):
        lowered = jax.jit(function).lower(x, w)
        compiled = lowered.compile(compiler_options={"xla_cpu_multi_thread_eigen": False})
        account = by_kind(compiled, (x, w))
        calls = []
        for _ in range(5):  # of which one may fall together with other work of this process
            begin = time.process_time()
            jax.block_until_ready(compiled(x, w))
            calls.append(time.process_time() - begin)
        total = sum(account.values())
        assert 0.1 < total / min(calls) < 10
        shares.append({kind: seconds / total for kind, seconds in account.items()})
    assert shares[0]["products"] > 0.6 and shares[1]["products"] == 0
    assert shares[1]["windows, pads and copies"] > 0.6
