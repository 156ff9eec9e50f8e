"""The jars of Apache Kafka: which ones, fetched once, checked against pinned checksums, kept.

`jars.lock` beside this file pins every artifact (checksum, size, coordinate); `lock` writes it.
This module resolves no versions at run time: it has exactly what the lock names fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gerador.embedded.downloads import INSTEAD, ByteCounter, download
from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gerador.embedded.downloads import Progress

KAFKA_VERSION: Final = "4.1.0"
LOCK_PATH: Final = Path(__file__).with_name("jars.lock")
DOWNLOADS_AT_ONCE_MAX: Final = 8
LEFTOVER_AGE_S: Final = 3600.0
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
    checked = _read_note(note_path)
    missing = [jar for jar in locked if not _is_intact(jar, jars_dir, checked)]
    if missing:
        jars_dir.mkdir(parents=True, exist_ok=True)
        _fetch(missing, jars_dir, on_progress)
    paths = tuple(jars_dir / jar.file_name for jar in locked)
    _write_note(note_path, paths, checked)
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
    return _note_line(path) in checked or sha256_of(path) == jar.sha256


def _note_line(path: Path) -> str:
    return f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}"


def _read_note(path: Path) -> frozenset[str]:
    return frozenset(path.read_text("utf-8").splitlines()) if path.is_file() else frozenset()


def _write_note(path: Path, jars: Iterable[Path], before: frozenset[str]) -> None:
    lines = frozenset(_note_line(jar) for jar in jars)
    if lines != before:
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_text("\n".join(sorted(lines)) + "\n", "utf-8")
        partial.replace(path)


def _fetch(missing: list[LockedJar], jars_dir: Path, on_progress: Progress | None) -> None:
    """Download into a folder beside the jars, check, and move each jar into its place."""
    _remove_leftovers(jars_dir.parent)
    arrivals = Path(tempfile.mkdtemp(prefix="arriving-", dir=jars_dir.parent))
    counter = ByteCounter(sum(jar.size_bytes for jar in missing), on_progress)
    try:
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE_MAX) as threads:
            # Largest first: the longest download then never starts last.
            order = sorted(missing, key=lambda jar: -jar.size_bytes)
            for done in [threads.submit(_fetch_one, j, arrivals, counter) for j in order]:
                path, jar = done.result()
                path.replace(jars_dir / jar.file_name)
    finally:
        shutil.rmtree(arrivals, ignore_errors=True)


def _remove_leftovers(cache_dir: Path) -> None:
    """Drop what downloads that were killed have left; a young folder may be in use elsewhere."""
    for folder in cache_dir.glob("arriving-*"):
        if time.time() - folder.stat().st_mtime > LEFTOVER_AGE_S:
            shutil.rmtree(folder, ignore_errors=True)


def _fetch_one(jar: LockedJar, arrivals: Path, counter: ByteCounter) -> tuple[Path, LockedJar]:
    path = download(jar.coordinate, arrivals, counter.add)
    found = sha256_of(path)
    if found != jar.sha256:
        raise EmbeddedKafkaError(
            f"The jar {jar.coordinate} arrived with SHA-256 {found}, pinned is {jar.sha256}: "
            f"something between here and the registry changed it; try again, or {INSTEAD}"
        )
    return path, jar
