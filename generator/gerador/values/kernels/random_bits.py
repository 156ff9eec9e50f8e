"""Inlined functions that turn hashed addresses into random words and numbers within kernels."""

from __future__ import annotations

from gerador.kernel_compiler import as_u64, inlined


@inlined
def mix(bits: int) -> int:
    """Return a word in which every bit depends on every bit of `bits`: SplitMix64's finalizer.

    The step is in `word`.
    """
    out = as_u64((bits ^ (bits >> as_u64(30))) * as_u64(0xBF58476D1CE4E5B9))
    out = as_u64((out ^ (out >> as_u64(27))) * as_u64(0x94D049BB133111EB))
    return as_u64(out ^ (out >> as_u64(31)))


@inlined
def word(state: int, count: int) -> int:
    """Return word number `count` of a SplitMix64 generator in `state` (`randomness.hash_ids`)."""
    return mix(as_u64(state + as_u64(count + 1) * as_u64(0x9E3779B97F4A7C15)))


@inlined
def unit(bits: int) -> float:
    """Return a word as a double in (0.0, 1.0): the midpoints of 2**53 equal parts."""
    return ((bits >> as_u64(11)) + 0.5) * 2.0**-53
