"""Class data sharing (CDS) archives, which halve the start time of a broker."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
from typing import TYPE_CHECKING, Final

from gerador.embedded.java import JVM_FLAGS, java_binary, with_watchdog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


BASE_TIMEOUT_S: Final = 30.0


class ClassArchive:
    """The base archive and the Kafka archive of one Java runtime and one class path."""

    def __init__(self, archives_dir: Path, jars: Sequence[Path]) -> None:
        self._dir = archives_dir
        key = _fingerprint([java_binary(), *jars])
        self._base = archives_dir / f"java-{key}.jsa"
        self._kafka = archives_dir / f"kafka-{key}.jsa"
        self._partial = archives_dir / f"kafka-{key}.{os.getpid()}"

    def read_flags(self) -> tuple[str, ...]:
        """Return the Java flags that use the existing archives; empty without archives."""
        archives = [str(path) for path in (self._base, self._kafka) if path.exists()]
        return (f"-XX:SharedArchiveFile={':'.join(archives)}",) if archives else ()

    def write_flags(self) -> tuple[str, ...]:
        """Return the Java flags of a broker that writes the Kafka archive at exit if it is missing.

        Call `finish_write` after the exit.
        """
        if self._kafka.exists() or not self._base.exists():
            return self.read_flags()
        return (*self.read_flags(), f"-XX:ArchiveClassesAtExit={self._partial}")

    def create_base(self) -> None:
        """Create the base archive if it is missing; after a failure starts are only slower."""
        if self._base.exists():
            return
        self._dir.mkdir(parents=True, exist_ok=True)
        self._remove_others()
        partial = self._base.with_suffix(f".{os.getpid()}")
        command = [str(java_binary()), *JVM_FLAGS, "-Xshare:dump"]
        command.append(f"-XX:SharedArchiveFile={partial}")
        done = subprocess.run(
            with_watchdog(command), capture_output=True, timeout=BASE_TIMEOUT_S, check=False
        )
        if done.returncode == 0 and partial.exists():
            partial.replace(self._base)

    def finish_write(self, *, clean: bool) -> None:
        """Keep the archive that a broker wrote, or delete it if the broker did not exit cleanly."""
        with contextlib.suppress(FileNotFoundError):
            if clean:
                self._partial.replace(self._kafka)
            else:
                self._partial.unlink()

    def _remove_others(self) -> None:
        """Delete the archives of other runtimes and class paths, of 60 MB each."""
        for path in self._dir.glob("*.jsa"):
            if path not in (self._base, self._kafka):
                path.unlink(missing_ok=True)


def _fingerprint(paths: Iterable[Path]) -> str:
    """Return a hash of the files' sizes and modification times, which Java compares as well."""
    digest = hashlib.sha256()
    for path in paths:
        stat = path.stat()
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
