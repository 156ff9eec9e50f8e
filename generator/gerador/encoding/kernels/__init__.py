"""Loops over rows, compiled by numba once for all schemas: fixed signatures, no Python objects.

A kernel holds arithmetic on numpy arrays. It knows nothing of Arrow, Avro types or errors: what
is wrong comes back as the position of the first bad row. Arrays are trusted to be as long as
each other; whoever calls a kernel has checked that.
"""
