"""The data folder: one owner at a time, one cluster for good."""

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
from gerador.embedded.data_dir import DataFolder
folder = DataFolder(pathlib.Path(sys.argv[1])); folder.take()
print("taken", flush=True); time.sleep(60)
"""


def test_a_second_process_is_refused_by_name(tmp_path: Path):
    """A folder in use is refused in one line that names the process, and free after its end."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "taken\n"
    with pytest.raises(EmbeddedKafkaError, match=f"in use by process {holder.pid}"):
        DataDir(tmp_path).take()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    folder = DataDir(tmp_path)
    folder.take()
    folder.release()


def test_the_lock_lasts_as_long_as_an_inherited_descriptor(tmp_path: Path):
    """What inherited the lock keeps the folder: a crashed run's Java is waited for."""
    folder = DataDir(tmp_path)
    folder.take()
    heir = os.dup(folder.descriptor)
    folder.release()
    with pytest.raises(EmbeddedKafkaError, match=f"in use by process {os.getpid()}"):
        DataDir(tmp_path).take()
    os.close(heir)
    DataDir(tmp_path).take()


def test_a_cluster_keeps_its_id_and_size(tmp_path: Path):
    """The id is remembered; another number of nodes on the same folder is refused."""
    first = DataDir(tmp_path).cluster(1)
    assert DataDir(tmp_path).cluster(1) == first
    with pytest.raises(SettingError, match="1 node"):
        DataDir(tmp_path).cluster(3)


def test_no_cluster_id_looks_like_an_option(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """An id never begins with a dash: one that would is drawn again."""
    dashed, plain = uuid.UUID(bytes=b"\xf8" * 16), uuid.UUID(bytes=b"\x00" * 16)
    draws = iter([dashed, plain])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(draws))
    assert DataDir(tmp_path).cluster(1).cluster_id == "A" * 22


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path):
    """A path below a file is refused with its name and the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match=r"file/below cannot be used: Not a directory"):
        DataDir(tmp_path / "file" / "below").take()
