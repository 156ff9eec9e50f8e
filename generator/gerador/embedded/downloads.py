"""The one door to the registries: fetch an artifact by its coordinate, through jgo.

What is fetched is checked by `jars`; this module trusts nothing and keeps nothing.
"""

from __future__ import annotations

from contextlib import nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Final

from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Progress = Callable[[str, int, int], None]
    """Called with what is being done, bytes (or steps) done, and the total, from any thread."""

DOWNLOAD_TIMEOUT_S: Final = 30
PROGRESS_STEP_BYTES: Final = 1 << 18
REASON_CHARS_MAX: Final = 160
INSTEAD: Final = "use --no-kafka for memory only, or name a broker in KAFKA_BOOTSTRAP_SERVERS"


def download(
    coordinate: str, arrivals: Path, on_bytes: Callable[[int], None] | None = None
) -> Path:
    """Fetch one artifact into the folder `arrivals` (laid out as Maven does) and return its path.

    Args:
        coordinate: ``group:artifact:version``.
        arrivals: the folder; an artifact that is there already is not fetched.
        on_bytes: told how many bytes have come, piece by piece.

    Raises:
        EmbeddedKafkaError: the resolver is not installed, or the registry is away or refuses.
    """
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - optional, slow
    except ImportError as missing:
        raise EmbeddedKafkaError(missing_extra("jars' resolver", missing)) from missing
    resolver = PythonResolver(
        progress_callback=lambda _name, _size: nullcontext(on_bytes or (lambda _count: None))
    )
    context = MavenContext(resolver, arrivals, local_repos=[], timeout=DOWNLOAD_TIMEOUT_S)
    try:
        return context.create_dependency(coordinate).artifact.resolve()
    except (OSError, RuntimeError) as refused:
        raise EmbeddedKafkaError(
            f"The jar {coordinate} cannot be fetched ({_short(refused)}): "
            f"go online for the first start, or {INSTEAD}"
        ) from refused


def missing_extra(what: str, missing: ImportError) -> str:
    """Return the line that says which part is missing and how to install it."""
    return (
        f"The {what} is not installed (no module {missing.name!r}): "
        f"run pip install 'gerador-stream[embedded]', or {INSTEAD}"
    )


def _short(error: BaseException) -> str:
    """Return the innermost cause in one line; registry clients nest it several deep."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split())[:REASON_CHARS_MAX] or type(error).__name__


class ByteCounter:
    """Adds up what has arrived and reports it in steps; called from the download threads."""

    def __init__(self, total_bytes: int, on_progress: Progress | None) -> None:
        self._lock = Lock()
        self._done_bytes = 0
        self._total_bytes = total_bytes
        self._reported_bytes = 0
        self._report: Progress = on_progress or (lambda _what, _done, _total: None)
        self._report("jars", 0, total_bytes)

    def add(self, count_bytes: int) -> None:
        """Count bytes that have arrived."""
        with self._lock:
            self._done_bytes += count_bytes
            ahead = self._done_bytes - self._reported_bytes
            if ahead >= PROGRESS_STEP_BYTES or self._done_bytes == self._total_bytes:
                self._reported_bytes = self._done_bytes
                self._report("jars", self._done_bytes, self._total_bytes)
