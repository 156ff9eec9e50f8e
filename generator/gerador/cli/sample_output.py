"""Where `gerador sample` writes: a file or stdout, and what happens when a reader goes away."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def opened(output: Path | None, *, binary: bool, form: str) -> Iterator[BinaryIO]:
    """Give the file, or stdout as bytes; stdout stays open.

    Raises SettingError: the file cannot be written, or binary data would go to a terminal.
    """
    if output is None:
        if binary and sys.stdout.isatty():
            raise SettingError(
                f"--format {form} is binary and stdout is a terminal; add --output FILE or a pipe"
            )
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        file = output.open("wb")
    except OSError as e:
        raise SettingError(f"--output {output}: cannot be written: {e.strerror}") from e
    with file:
        yield file


@contextmanager
def quiet_when_closed() -> Iterator[None]:
    """End without a word when the reader of stdout has gone, as with ``| head``.

    What Python still holds for stdout goes to the null device, or it would complain at its end
    (Python documentation, "Note on SIGPIPE").
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
