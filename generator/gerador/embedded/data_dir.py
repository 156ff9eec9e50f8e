"""The data directory of a local cluster: its file lock, and the stored cluster id and size."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import time
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from gerador.errors import EmbeddedKafkaError, SettingError

if TYPE_CHECKING:
    from pathlib import Path


# Java processes of a crashed run may need this long to end: the watchdog's timeout plus a margin.
STALE_PROCESS_WAIT_S: Final = 8.0
LOCK_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class ClusterMetadata:
    """The content of `cluster.json`."""

    cluster_id: str
    nodes: int


def reject_directory_in_use(path: Path) -> None:
    """Raise as `DataDir.lock` if the directory cannot be used now; blocks for seconds at most."""
    directory = DataDir(path)
    directory.lock()
    directory.unlock()


class DataDir:
    """A data directory, owned by this process from `lock` to `unlock`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The lock's file descriptor, inherited by the watchdogs."""
        if self._descriptor is None:
            raise EmbeddedKafkaError(f"the data directory {self.path} is not locked")
        return self._descriptor

    def node_dir(self, node_id: int) -> Path:
        """Return the directory of one node (ids start at 1)."""
        return self.path / f"node-{node_id}"

    def lock(self) -> None:
        """Lock the directory; create it if it is missing.

        Raises:
            EmbeddedKafkaError: another process uses it.
            SettingError: it cannot be written.
        """
        lock_path = self.path / "in-use.lock"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise SettingError(
                f"the data directory {self.path} cannot be used: {error.strerror}; "
                "use another one (--data-dir)"
            ) from error
        self._wait_for_lock(descriptor)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def unlock(self) -> None:
        """Unlock the directory; do nothing if it is not locked."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _wait_for_lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + STALE_PROCESS_WAIT_S
        while not _try_lock(descriptor):
            owner = os.pread(descriptor, 20, 0).decode() or "unknown"
            if _is_running(owner) or time.monotonic() > deadline:
                os.close(descriptor)
                raise EmbeddedKafkaError(
                    f"the data directory {self.path} is in use by process {owner}; "
                    "stop that process, use another directory (--data-dir), or produce to its "
                    "Kafka (--bootstrap-servers)"
                )
            time.sleep(LOCK_POLL_S)

    def cluster(self, nodes: int) -> ClusterMetadata:
        """Return the stored cluster metadata; store new ones in a new directory.

        Raises:
            SettingError: the directory contains a cluster of another size.
        """
        path = self.path / "cluster.json"
        if not path.exists():
            metadata = ClusterMetadata(_new_cluster_id(), nodes)
            path.write_text(json.dumps(asdict(metadata)) + "\n", "utf-8")
        stored = json.loads(path.read_text("utf-8"))
        metadata = ClusterMetadata(stored["cluster_id"], stored["nodes"])
        if metadata.nodes != nodes:
            raise SettingError(
                f"the data directory {self.path} contains a cluster of {metadata.nodes} node(s), "
                f"not {nodes}; use another directory, or delete this one"
            )
        return metadata


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_running(owner: str) -> bool:
    try:
        os.kill(int(owner), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _new_cluster_id() -> str:
    """Return an id as ``StorageTool random-uuid`` does: 16 random bytes, base64url, unpadded.

    Like Kafka's `Uuid.randomUuid`, never with a leading dash, which tools parse as an option.
    """
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not text.startswith("-"):
            return text
