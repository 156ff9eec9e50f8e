"""The data directory: its lock and its cluster metadata."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from gerador.embedded.data_dir import DataDir
from gerador.errors import EmbeddedKafkaError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time, pathlib
from gerador.embedded.data_dir import DataDir
directory = DataDir(pathlib.Path(sys.argv[1])); directory.lock()
print("locked", flush=True); time.sleep(60)
"""


def test_a_second_process_is_rejected(tmp_path: Path):
    """The error names the process that uses the directory; after its exit the lock is free."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    with pytest.raises(EmbeddedKafkaError, match=f"in use by process {holder.pid}"):
        DataDir(tmp_path).lock()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    directory = DataDir(tmp_path)
    directory.lock()
    directory.unlock()


def test_an_inherited_descriptor_keeps_the_lock(tmp_path: Path):
    """A process that inherited the descriptor keeps the lock, as the Java of a crashed run."""
    directory = DataDir(tmp_path)
    directory.lock()
    inherited = os.dup(directory.descriptor)
    directory.unlock()
    with pytest.raises(EmbeddedKafkaError, match=f"in use by process {os.getpid()}"):
        DataDir(tmp_path).lock()
    os.close(inherited)
    DataDir(tmp_path).lock()


def test_cluster_id_and_size_are_stored(tmp_path: Path):
    """The id is stored; another number of nodes is rejected."""
    first = DataDir(tmp_path).cluster(1)
    assert DataDir(tmp_path).cluster(1) == first
    with pytest.raises(SettingError, match="1 node"):
        DataDir(tmp_path).cluster(3)


def test_a_cluster_id_has_no_leading_dash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """An id with a leading dash is generated again."""
    dashed, plain = uuid.UUID(bytes=b"\xf8" * 16), uuid.UUID(bytes=b"\x00" * 16)
    draws = iter([dashed, plain])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(draws))
    assert DataDir(tmp_path).cluster(1).cluster_id == "A" * 22


def test_a_directory_that_cannot_be_created(tmp_path: Path):
    """The error has the path and the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match=r"file/below cannot be used: Not a directory"):
        DataDir(tmp_path / "file" / "below").lock()
