"""Downloads Kafka's jars from Maven Central, verifies their pinned checksums, and caches them."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Progress = Callable[[str, int, int], None]
    """Called with what is being done, bytes (or steps) done, and the total, from any thread."""


DOWNLOAD_TIMEOUT_S: Final = 30
PROGRESS_STEP_BYTES: Final = 1 << 18
REASON_CHARS_MAX: Final = 160
ALTERNATIVES_HINT: Final = (
    "use --no-kafka for memory only, or name a broker in KAFKA_BOOTSTRAP_SERVERS"
)


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
        raise EmbeddedKafkaError(missing_extra_message("jars' resolver", missing)) from missing
    resolver = PythonResolver(
        progress_callback=lambda _name, _size: nullcontext(on_bytes or (lambda _count: None))
    )
    context = MavenContext(resolver, arrivals, local_repos=[], timeout=DOWNLOAD_TIMEOUT_S)
    try:
        return context.create_dependency(coordinate).artifact.resolve()
    except (OSError, RuntimeError) as refused:
        raise EmbeddedKafkaError(
            f"The jar {coordinate} cannot be fetched ({_root_cause(refused)}): "
            f"go online for the first start, or {ALTERNATIVES_HINT}"
        ) from refused


def missing_extra_message(what: str, missing: ImportError) -> str:
    """Return the line that says which part is missing and how to install it."""
    return (
        f"The {what} is not installed (no module {missing.name!r}): "
        f"run pip install 'gerador-stream[embedded]', or {ALTERNATIVES_HINT}"
    )


def _root_cause(error: BaseException) -> str:
    """Return the innermost cause in one line; registry clients nest it several deep."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split())[:REASON_CHARS_MAX] or type(error).__name__


class DownloadProgress:
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


KAFKA_VERSION: Final = "4.1.0"
LOCK_PATH: Final = Path(__file__).with_name("jars.lock")
DOWNLOADS_AT_ONCE_MAX: Final = 8
STALE_DOWNLOAD_AGE_S: Final = 3600.0
HASH_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class LockedJar:
    """One line of the lock: an artifact that is known to the byte."""

    sha256: str
    size_bytes: int
    coordinate: str

    @property
    def file_name(self) -> str:
        """The name in the cache, as Maven gives it: ``artifact-version.jar``."""
        _group, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def default_cache_dir() -> Path:
    """Return the platform's cache folder for this package; it need not exist yet."""
    base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return base / "gerador"


def read_lock(path: Path = LOCK_PATH) -> tuple[LockedJar, ...]:
    """Return the locked jars in the lock's order, which is the class path's order."""
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return tuple(
        LockedJar(words[0], int(words[1]), words[2])
        for words in lines
        if words and not words[0].startswith("#")
    )


def ensure_jars(
    cache_dir: Path | None = None,
    on_progress: Progress | None = None,
    lock_path: Path = LOCK_PATH,
) -> tuple[Path, ...]:
    """Return the paths of all locked jars, fetching and checking those that are not there.

    Cold this costs one download of about 40 MB; warm, one `stat` per jar. A jar is hashed when
    it arrives, and again only when its size or modification time is no longer the noted one.
    Safe to call from several processes at once: a jar appears in the cache complete or not at all.

    Args:
        cache_dir: the cache folder; None means `default_cache_dir()`.
        on_progress: told the bytes that have arrived, out of the bytes to fetch.
        lock_path: the lock to follow.

    Raises:
        EmbeddedKafkaError: a jar cannot be had, or is not the one that was pinned.
    """
    jars_dir = (cache_dir or default_cache_dir()) / "jars"
    locked = read_lock(lock_path)
    note_path = jars_dir / "checked.txt"
    checked = _read_verified(note_path)
    missing = [jar for jar in locked if not _is_intact(jar, jars_dir, checked)]
    if missing:
        jars_dir.mkdir(parents=True, exist_ok=True)
        _download_missing(missing, jars_dir, on_progress)
    paths = tuple(jars_dir / jar.file_name for jar in locked)
    _write_verified(note_path, paths, checked)
    return paths


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(HASH_CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _is_intact(jar: LockedJar, jars_dir: Path, checked: frozenset[str]) -> bool:
    path = jars_dir / jar.file_name
    if not path.is_file() or path.stat().st_size != jar.size_bytes:
        return False
    return _verified_line(path) in checked or sha256_of(path) == jar.sha256


def _verified_line(path: Path) -> str:
    return f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}"


def _read_verified(path: Path) -> frozenset[str]:
    return frozenset(path.read_text("utf-8").splitlines()) if path.is_file() else frozenset()


def _write_verified(path: Path, jars: Iterable[Path], before: frozenset[str]) -> None:
    lines = frozenset(_verified_line(jar) for jar in jars)
    if lines != before:
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_text("\n".join(sorted(lines)) + "\n", "utf-8")
        partial.replace(path)


def _download_missing(
    missing: list[LockedJar], jars_dir: Path, on_progress: Progress | None
) -> None:
    """Download into a folder beside the jars, check, and move each jar into its place."""
    _remove_stale_downloads(jars_dir.parent)
    arrivals = Path(tempfile.mkdtemp(prefix="arriving-", dir=jars_dir.parent))
    counter = DownloadProgress(sum(jar.size_bytes for jar in missing), on_progress)
    try:
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE_MAX) as threads:
            # Largest first: the longest download then never starts last.
            order = sorted(missing, key=lambda jar: -jar.size_bytes)
            for done in [threads.submit(_download_verified, j, arrivals, counter) for j in order]:
                path, jar = done.result()
                path.replace(jars_dir / jar.file_name)
    finally:
        shutil.rmtree(arrivals, ignore_errors=True)


def _remove_stale_downloads(cache_dir: Path) -> None:
    """Drop what downloads that were killed have left; a young folder may be in use elsewhere."""
    for folder in cache_dir.glob("arriving-*"):
        if time.time() - folder.stat().st_mtime > STALE_DOWNLOAD_AGE_S:
            shutil.rmtree(folder, ignore_errors=True)


def _download_verified(
    jar: LockedJar, arrivals: Path, counter: DownloadProgress
) -> tuple[Path, LockedJar]:
    path = download(jar.coordinate, arrivals, counter.add)
    found = sha256_of(path)
    if found != jar.sha256:
        raise EmbeddedKafkaError(
            f"The jar {jar.coordinate} arrived with SHA-256 {found}, pinned is {jar.sha256}: "
            f"something between here and the registry changed it; try again, or {ALTERNATIVES_HINT}"
        )
    return path, jar
