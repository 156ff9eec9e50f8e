"""Starts, stops and failures of a local Kafka: no process is left running."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from gerador.embedded.cluster import EmbeddedKafka
from gerador.embedded.java import STOP_TIMEOUT_S
from gerador.errors import EmbeddedKafkaError
from tests.embedded.clients import consume, create_topic, produce
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from pathlib import Path

EXIT_TIMEOUT_S = STOP_TIMEOUT_S + 5


def _process_tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _all_exited(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=EXIT_TIMEOUT_S)[1]


def _broker(data_dir: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gerador", "broker", "--data-dir", str(data_dir)]
    command += ["--cache-dir", str(cache_dir()), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def test_a_restart_keeps_the_data_with_new_ports(tmp_path: Path):
    """After a restart on other ports, records are still there, and no process was left."""
    kafka = EmbeddedKafka(tmp_path, cache_dir=cache_dir())
    first = await kafka.start()
    processes = _process_tree(kafka.pids[0] or 0)
    await create_topic(first, "kept")
    await produce(first, "kept", [b"before"])
    await kafka.stop()
    assert _all_exited(processes)
    second = await kafka.start()
    try:
        assert second != first
        await produce(second, "kept", [b"after"])
        assert await consume(second, "kept", 2) == [b"before", b"after"]
    finally:
        await kafka.stop()


async def test_a_node_killed_and_restarted_keeps_its_address(tmp_path: Path):
    """After SIGKILL and a restart the node has the same address and records."""
    with EmbeddedKafka(tmp_path, cache_dir=cache_dir()) as kafka:
        await create_topic(kafka.bootstrap, "survives")
        await produce(kafka.bootstrap, "survives", [b"x"])
        await kafka.kill()
        assert not kafka.alive()
        await kafka.restart()
        assert await consume(kafka.bootstrap, "survives", 1) == [b"x"]


async def test_a_cancelled_start_leaves_no_process(tmp_path: Path):
    """A cancelled start stops all processes and unlocks the directory."""
    kafka = EmbeddedKafka(tmp_path, cache_dir=cache_dir())
    start = asyncio.ensure_future(kafka.start())
    while not any(kafka.pids):
        await asyncio.sleep(0.01)
    processes = _process_tree(kafka.pids[0] or 0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert _all_exited(processes)
    kafka._data_dir.lock()
    kafka._data_dir.unlock()


async def test_a_failed_start_quotes_kafkas_reason(tmp_path: Path):
    """The error of a failed start is one line with Kafka's reason and the log file."""
    extra = {"log.retention.check.interval.ms": "never"}
    with pytest.raises(EmbeddedKafkaError, match=r"log\.retention\.check\.interval\.ms") as caught:
        await EmbeddedKafka(tmp_path, cache_dir=cache_dir(), extra=extra).start()
    assert "\n" not in str(caught.value)


def test_the_command_prints_the_address_and_stops_on_ctrl_c(tmp_path: Path):
    """Stdout is the address only; Ctrl-C stops Kafka and the command with exit code 0."""
    with _broker(tmp_path) as command:
        assert command.stdout is not None
        assert command.stdout.readline().startswith("127.0.0.1:")
        processes = _process_tree(command.pid)[1:]
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=EXIT_TIMEOUT_S)
    assert (command.returncode, out) == (0, "")
    assert str(tmp_path) in err.replace("\n", "")
    assert len(processes) == 2
    assert _all_exited(processes)


def test_a_killed_command_leaves_no_java_and_no_lock(tmp_path: Path):
    """After SIGKILL of the command Java exits, and the next start works."""
    with _broker(tmp_path) as command:
        assert command.stdout is not None
        assert command.stdout.readline().startswith("127.0.0.1:")
        processes = _process_tree(command.pid)[1:]
        command.kill()
    with EmbeddedKafka(tmp_path, cache_dir=cache_dir()) as kafka:
        assert kafka.alive()
    assert _all_exited(processes)


def _error_output(data_dir: Path, *options: str) -> str:
    with _broker(data_dir, *options) as command:
        out, err = command.communicate(timeout=EXIT_TIMEOUT_S)
    assert (command.returncode, out) == (2, "")
    assert "Traceback" not in err
    return err


def test_invalid_options_have_exit_code_2(tmp_path: Path):
    """An invalid option ends the command with the value and the reason, without a traceback."""
    assert "1 or 3 nodes, not 2" in _error_output(tmp_path, "--nodes", "2")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"port {port} cannot be used" in _error_output(tmp_path, "--port", str(port))
