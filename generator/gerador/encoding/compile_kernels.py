"""Compiles all numba kernels before the first start, on all cores.

Run ``python -m gerador.encoding.compile_kernels``. Without it, the first start compiles the
kernels that it uses.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pkgutil import iter_modules

from gerador.encoding import kernels as encoding_kernels
from gerador.kernel_compiler import kernels_of
from gerador.values import kernels as value_kernels


def kernel_modules() -> list[str]:
    """Return the names of all modules that define kernels or inlined functions."""
    return [
        f"{package.__name__}.{module.name}"
        for package in (encoding_kernels, value_kernels)
        for module in iter_modules(package.__path__)
    ]


def compile_all() -> int:
    """Compile the kernels of all modules, or load them from the cache; return their number."""
    with ProcessPoolExecutor() as pool:
        return sum(pool.map(compile_module, kernel_modules()))


def compile_module(name: str) -> int:
    """Compile the kernels of one module; return their number."""
    kernels = list(kernels_of(import_module(name)))
    for kernel in kernels:
        kernel.compile()
    return len(kernels)


if __name__ == "__main__":
    compile_all()
