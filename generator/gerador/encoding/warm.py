"""Compile every kernel, so that no later start has to: ``python -m gerador.encoding.warm``.

Kernels have fixed signatures and are compiled when their module is imported; the machine code
stays in numba's cache. Cost: about half a minute once, some tenths of a second afterwards.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from gerador.encoding import kernels
from gerador.events import kernels as event_kernels


def compile_kernels() -> int:
    """Import every module of kernels; return how many there are."""
    names = [
        f"{package.__name__}.{module.name}"
        for package in (kernels, event_kernels)
        for module in iter_modules(package.__path__)
    ]
    for name in names:
        import_module(name)
    return len(names)


if __name__ == "__main__":
    compile_kernels()
