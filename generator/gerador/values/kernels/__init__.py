"""Compiled loops of value generators. Import them inside functions: they load numba."""
