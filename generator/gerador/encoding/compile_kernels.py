"""Compile all numba kernels ahead of the first start.

Run ``python -m gerador.encoding.compile_kernels``.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from gerador.encoding import kernels
from gerador.values import kernels as value_kernels


def compile_kernels() -> int:
    """Import every module of kernels; return how many there are."""
    names = [
        f"{package.__name__}.{module.name}"
        for package in (kernels, value_kernels)
        for module in iter_modules(package.__path__)
    ]
    for name in names:
        import_module(name)
    return len(names)


if __name__ == "__main__":
    compile_kernels()
