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

from gerador.errors import EmbeddedKafkaError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Progress = Callable[[str, int, int], None]
    """Called with the step ("jars", "start"), bytes or nodes done, and the total; any thread."""


KAFKA_VERSION: Final = "4.1.0"
LOCK_PATH: Final = Path(__file__).with_name("jars.lock")
DOWNLOADS_AT_ONCE_MAX: Final = 8
DOWNLOAD_TIMEOUT_S: Final = 30
DOWNLOAD_DIR_PREFIX: Final = "download-"
STALE_DOWNLOAD_AGE_S: Final = 3600.0
PROGRESS_STEP_BYTES: Final = 1 << 18
HASH_CHUNK_BYTES: Final = 1 << 20
REASON_CHARS_MAX: Final = 160
ALTERNATIVES_HINT: Final = (
    "use --no-kafka for memory only, or set KAFKA_BOOTSTRAP_SERVERS to a broker"
)


@dataclass(frozen=True, slots=True)
class LockedJar:
    """One line of the lock: an artifact with its checksum and size."""

    sha256: str
    size_bytes: int
    coordinate: str

    @property
    def file_name(self) -> str:
        """The file name in the cache, as in Maven: ``artifact-version.jar``."""
        _group, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def default_cache_dir() -> Path:
    """Return the platform's cache directory for this package; it may not exist yet."""
    base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return base / "gerador"


def read_lock(path: Path = LOCK_PATH) -> tuple[LockedJar, ...]:
    """Return the locked jars in the lock's order, which is the class path's order."""
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return tuple(
        LockedJar(columns[0], int(columns[1]), columns[2])
        for columns in lines
        if columns and not columns[0].startswith("#")
    )


def ensure_jars(
    cache_dir: Path | None = None,
    on_progress: Progress | None = None,
    lock_path: Path = LOCK_PATH,
) -> tuple[Path, ...]:
    """Return the paths of all locked jars; download and verify the missing ones.

    Cost: the first time a download of about 45 MB, then one `stat` per jar. A jar is hashed after
    its download, and again only when its size or modification time has changed. Safe to call from
    several processes at once: jars are moved into the cache when they are complete.

    Args:
        cache_dir: the cache directory; None: `default_cache_dir()`.
        on_progress: called with the downloaded bytes and the bytes to download.
        lock_path: the lock file.

    Raises:
        MissingExtraError: as `download`.
        EmbeddedKafkaError: a jar cannot be downloaded, or its checksum differs from the lock.
    """
    jars_dir = (cache_dir or default_cache_dir()) / "jars"
    locked = read_lock(lock_path)
    verified_path = jars_dir / "verified.txt"
    verified = _read_verified(verified_path)
    missing = [jar for jar in locked if not _is_intact(jar, jars_dir, verified)]
    if missing:
        jars_dir.mkdir(parents=True, exist_ok=True)
        _download_missing(missing, jars_dir, on_progress)
    paths = tuple(jars_dir / jar.file_name for jar in locked)
    _write_verified(verified_path, paths, verified)
    return paths


def download(
    coordinate: str, download_dir: Path, on_bytes: Callable[[int], None] | None = None
) -> Path:
    """Download one artifact into `download_dir` (Maven's layout) and return its path.

    Args:
        coordinate: ``group:artifact:version``.
        download_dir: the directory; an existing artifact is not downloaded again.
        on_bytes: called with the size of each downloaded chunk.

    Raises:
        MissingExtraError: the extra ``embedded`` is not installed.
        EmbeddedKafkaError: the repository is unavailable.
    """
    try:
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - optional, slow
    except ImportError as missing:
        raise MissingExtraError("the local Kafka", missing.name, "embedded") from missing
    resolver = PythonResolver(
        progress_callback=lambda _name, _size: nullcontext(on_bytes or (lambda _count: None))
    )
    context = MavenContext(resolver, download_dir, local_repos=[], timeout=DOWNLOAD_TIMEOUT_S)
    try:
        return context.create_dependency(coordinate).artifact.resolve()
    except (OSError, RuntimeError) as error:
        raise EmbeddedKafkaError(
            f"the jar {coordinate} cannot be downloaded from Maven Central ({_root_cause(error)}); "
            f"the first start needs network access; or {ALTERNATIVES_HINT}"
        ) from error


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


class DownloadProgress:
    """Sums up downloaded bytes and reports them in steps. Thread-safe."""

    def __init__(self, total_bytes: int, on_progress: Progress | None) -> None:
        self._lock = Lock()
        self._done_bytes = 0
        self._total_bytes = total_bytes
        self._reported_bytes = 0
        self._report: Progress = on_progress or (lambda _what, _done, _total: None)
        self._report("jars", 0, total_bytes)

    def add(self, count_bytes: int) -> None:
        """Add downloaded bytes."""
        with self._lock:
            self._done_bytes += count_bytes
            unreported_bytes = self._done_bytes - self._reported_bytes
            if unreported_bytes >= PROGRESS_STEP_BYTES or self._done_bytes == self._total_bytes:
                self._reported_bytes = self._done_bytes
                self._report("jars", self._done_bytes, self._total_bytes)


def _root_cause(error: BaseException) -> str:
    """Return the innermost cause in one line; HTTP clients nest it several levels deep."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split())[:REASON_CHARS_MAX] or type(error).__name__


def _is_intact(jar: LockedJar, jars_dir: Path, verified: frozenset[str]) -> bool:
    path = jars_dir / jar.file_name
    if not path.is_file() or path.stat().st_size != jar.size_bytes:
        return False
    return _verified_line(path) in verified or sha256_of(path) == jar.sha256


def _verified_line(path: Path) -> str:
    return f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}"


def _read_verified(path: Path) -> frozenset[str]:
    return frozenset(path.read_text("utf-8").splitlines()) if path.is_file() else frozenset()


def _write_verified(path: Path, jars: Iterable[Path], previous: frozenset[str]) -> None:
    lines = frozenset(_verified_line(jar) for jar in jars)
    if lines != previous:
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_text("\n".join(sorted(lines)) + "\n", "utf-8")
        partial.replace(path)


def _download_missing(
    missing: list[LockedJar], jars_dir: Path, on_progress: Progress | None
) -> None:
    """Download into a temporary directory, verify, and move each jar into the cache."""
    _remove_stale_downloads(jars_dir.parent)
    download_dir = Path(tempfile.mkdtemp(prefix=DOWNLOAD_DIR_PREFIX, dir=jars_dir.parent))
    progress = DownloadProgress(sum(jar.size_bytes for jar in missing), on_progress)
    try:
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE_MAX) as threads:
            # Largest first, so that the longest download does not start last.
            order = sorted(missing, key=lambda jar: -jar.size_bytes)
            jobs = [threads.submit(_download_verified, j, download_dir, progress) for j in order]
            for job in jobs:
                path, jar = job.result()
                path.replace(jars_dir / jar.file_name)
    finally:
        shutil.rmtree(download_dir, ignore_errors=True)


def _remove_stale_downloads(cache_dir: Path) -> None:
    """Delete the directories of killed downloads; recent ones may be in use by another process."""
    for folder in cache_dir.glob(f"{DOWNLOAD_DIR_PREFIX}*"):
        if time.time() - folder.stat().st_mtime > STALE_DOWNLOAD_AGE_S:
            shutil.rmtree(folder, ignore_errors=True)


def _download_verified(
    jar: LockedJar, download_dir: Path, progress: DownloadProgress
) -> tuple[Path, LockedJar]:
    path = download(jar.coordinate, download_dir, progress.add)
    sha256 = sha256_of(path)
    if sha256 != jar.sha256:
        raise EmbeddedKafkaError(
            f"the jar {jar.coordinate} has SHA-256 {sha256}, expected {jar.sha256}: "
            f"it was modified on the way, for example by a proxy; try again, or {ALTERNATIVES_HINT}"
        )
    return path, jar
