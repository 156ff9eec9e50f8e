"""Compiled loops for what whole-array operations make too slow. Import them inside functions, so that commands that generate no such values do not load numba."""
