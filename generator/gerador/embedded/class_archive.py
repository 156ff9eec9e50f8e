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
    """The archives of one runtime and one class path, kept in the folder `archives_dir`."""

    def __init__(self, archives_dir: Path, jars: Sequence[Path]) -> None:
        self._dir = archives_dir
        key = _fingerprint([java_binary(), *jars])
        self._base = archives_dir / f"java-{key}.jsa"
        self._kafka = archives_dir / f"kafka-{key}.jsa"
        self._arriving = archives_dir / f"kafka-{key}.{os.getpid()}"

    def flags_to_use(self) -> tuple[str, ...]:
        """Return the flags of a process that reads the archives there are; none, no flags."""
        archives = [str(path) for path in (self._base, self._kafka) if path.exists()]
        return (f"-XX:SharedArchiveFile={':'.join(archives)}",) if archives else ()

    def flags_to_write(self) -> tuple[str, ...]:
        """Return the flags of a broker whose clean end writes the archive; see `keep_written`."""
        if self._kafka.exists() or not self._base.exists():
            return self.flags_to_use()
        return (*self.flags_to_use(), f"-XX:ArchiveClassesAtExit={self._arriving}")

    def make_base(self) -> None:
        """Make the base archive when there is none; a failure only means slower starts."""
        if self._base.exists():
            return
        self._dir.mkdir(parents=True, exist_ok=True)
        self._remove_others()
        arriving = self._base.with_suffix(f".{os.getpid()}")
        command = [str(java_binary()), *JVM_FLAGS, "-Xshare:dump"]
        command.append(f"-XX:SharedArchiveFile={arriving}")
        done = subprocess.run(
            with_watchdog(command), capture_output=True, timeout=BASE_TIMEOUT_S, check=False
        )
        if done.returncode == 0 and arriving.exists():
            arriving.replace(self._base)

    def keep_written(self, *, clean: bool) -> None:
        """Put the archive that a broker wrote into its place, or drop it after a rough end."""
        with contextlib.suppress(FileNotFoundError):
            if clean:
                self._arriving.replace(self._kafka)
            else:
                self._arriving.unlink()

    def _remove_others(self) -> None:
        """Drop the archives of other runtimes and class paths: 60 MB each, of no more use."""
        for path in self._dir.glob("*.jsa"):
            if path not in (self._base, self._kafka):
                path.unlink(missing_ok=True)


def _fingerprint(paths: Iterable[Path]) -> str:
    """Return a name for these very files; Java, too, compares sizes and modification times."""
    digest = hashlib.sha256()
    for path in paths:
        found = path.stat()
        digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
