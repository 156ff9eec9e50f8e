"""The data directory of a local cluster: its file lock, and the cluster id that is stored in it."""

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


# How long the Java processes of a crashed run may need to end: their watchdogs' bound and a bit.
STALE_PROCESS_WAIT_S: Final = 8.0
LOCK_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class ClusterMetadata:
    """What `cluster.json` remembers between runs."""

    cluster_id: str
    nodes: int


class DataDir:
    """A data folder that this process owns from `take` to `release`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The lock's file descriptor, to be inherited by the watchdogs."""
        if self._descriptor is None:
            raise EmbeddedKafkaError(f"The data folder {self.path} is not taken")
        return self._descriptor

    def node_dir(self, node_id: int) -> Path:
        """Return the folder of one node (ids start at 1)."""
        return self.path / f"node-{node_id}"

    def take(self) -> None:
        """Lock the folder, creating it when missing.

        Raises:
            EmbeddedKafkaError: another program uses it.
            SettingError: it cannot be written.
        """
        lock_path = self.path / "in-use.lock"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as refused:
            line = f"The data folder {self.path} cannot be used: {refused.strerror}; choose another"
            raise SettingError(line) from refused
        self._lock(descriptor)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let others have the folder; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + STALE_PROCESS_WAIT_S
        while not _try_lock(descriptor):
            owner = os.pread(descriptor, 20, 0).decode() or "unknown"
            if _is_running(owner) or time.monotonic() > deadline:
                os.close(descriptor)
                raise EmbeddedKafkaError(
                    f"The data folder {self.path} is in use by process {owner}: "
                    "stop that one, or choose another folder (--data-dir)"
                )
            time.sleep(LOCK_POLL_S)

    def cluster(self, nodes: int) -> ClusterMetadata:
        """Return the note of the cluster in this folder, writing it when the folder is new.

        Raises:
            SettingError: the folder holds a cluster of another size.
        """
        path = self.path / "cluster.json"
        if not path.exists():
            note = ClusterMetadata(_new_cluster_id(), nodes)
            path.write_text(json.dumps(asdict(note)) + "\n", "utf-8")
        held = json.loads(path.read_text("utf-8"))
        note = ClusterMetadata(held["cluster_id"], held["nodes"])
        if note.nodes != nodes:
            raise SettingError(
                f"The data folder {self.path} holds a cluster of {note.nodes} node(s), "
                f"asked for {nodes}: choose another folder, or delete this one"
            )
        return note


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
    """Return what ``StorageTool random-uuid`` would: 16 random bytes, base64url, unpadded.

    Like Kafka's `Uuid.randomUuid`, never with a dash in front, which tools take for an option.
    """
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not text.startswith("-"):
            return text
