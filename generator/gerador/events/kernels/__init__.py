"""Compiled loops for values that no sequence of whole-array steps makes fast enough.

Each module is imported by the column that needs it, when such a column is made: the first import
ever compiles, later ones take what numba cached. Kernels know arrays of numbers only.
"""
