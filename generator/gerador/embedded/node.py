"""One node of the local Kafka: a Java process with a watchdog, from storage format to exit."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import time
from typing import TYPE_CHECKING, Final

from gerador.embedded.java import java_command, with_watchdog
from gerador.embedded.properties import (
    HOST,
    LOG4J_FILE,
    PROPERTIES_FILE,
    log4j_text,
    properties_text,
)
from gerador.embedded.server_log import QUOTE_CHARS_MAX, ServerLog
from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


FORMAT_TIMEOUT_S: Final = 60.0
POLL_INTERVAL_S: Final = 0.02
RESPONSE_TIMEOUT_S: Final = 1.0

# ApiVersions v0 (KIP-35): size, api key 18, version 0, correlation id 0, no client id.
API_VERSIONS_REQUEST: Final = struct.pack(">ihhih", 10, 18, 0, 0, -1)


class Node:
    """A broker and controller in one Java process; `directory` contains its data and logs.

    Java's working directory is `directory` and its paths are relative, so the directory's name
    cannot break a configuration file.
    """

    def __init__(self, node_id: int, directory: Path, jars: Sequence[Path], heap_mb: int) -> None:
        self.node_id = node_id
        self.directory = directory
        self.log = ServerLog(directory)
        self._jars = jars
        self._heap_mb = heap_mb
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the watchdog, and id of its process group; None before the start."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """Java's exit code; None while it runs and before the start."""
        return self._process.poll() if self._process else None

    def alive(self) -> bool:
        """Return whether the process runs; see `wait_ready` for whether it responds."""
        return self._process is not None and self._process.poll() is None

    def configure(self, properties: Mapping[str, str]) -> None:
        """Write the configuration files; ports may differ from the last start's."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / PROPERTIES_FILE).write_text(properties_text(properties), "ascii")
        (self.directory / LOG4J_FILE).write_text(log4j_text(), "ascii")

    def format(self, cluster_id: str, arguments: Sequence[str], flags: Sequence[str]) -> None:
        """Format the data directory with Kafka's StorageTool, unless it is formatted.

        Raises:
            EmbeddedKafkaError: StorageTool failed; the message quotes its output.
        """
        if (self.directory / "data" / "meta.properties").exists():
            return
        command = self._java([*flags, "-XX:TieredStopAtLevel=1"])
        command += ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", PROPERTIES_FILE]
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=FORMAT_TIMEOUT_S,
            check=False,
        )
        if done.returncode != 0:
            error = _error_text(done.stderr or done.stdout)
            raise EmbeddedKafkaError(f"cannot format the directory {self.directory}: {error}")

    def launch(self, lock_descriptor: int, flags: Sequence[str]) -> None:
        """Start the process in a new session, which Ctrl-C on the terminal does not reach."""
        self.log.mark()
        with self.log.java_output.open("wb") as output:
            self._process = subprocess.Popen(
                [*self._java(flags), "kafka.Kafka", PROPERTIES_FILE],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock_descriptor,),
            )

    def wait_ready(self, port: int, deadline: float, cancelled: Callable[[], bool]) -> None:
        """Block until the broker responds on its plaintext port.

        Raises:
            EmbeddedKafkaError: it exited, did not respond by `deadline` (monotonic seconds), or the
                start was cancelled.
        """
        while not _broker_responds(port):
            if not self.alive():
                raise self._failure("exited during its start")
            if time.monotonic() > deadline:
                raise self._failure("did not respond in time")
            if cancelled():
                raise EmbeddedKafkaError("the start of the local Kafka was cancelled")
            time.sleep(POLL_INTERVAL_S)

    def terminate(self) -> None:
        """Send SIGTERM; `join` waits for the exit."""
        if self._process and self.alive():
            self._process.terminate()

    def join(self, timeout_s: float) -> None:
        """Wait for the exit; kill the process after `timeout_s`."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """Kill the process with SIGKILL and wait for its exit; do nothing if it has exited."""
        if self._process is None:
            return
        if self.alive():
            # The group: the watchdog and Java.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def port_in_use(self) -> bool:
        """Return whether the last start failed because a port was in use."""
        return "Address already in use" in self.log.text()

    def _java(self, flags: Sequence[str]) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={LOG4J_FILE}"
        flags = [*flags, "-XX:+ExitOnOutOfMemoryError", log4j]
        return with_watchdog(java_command(self._jars, self._heap_mb, flags))

    def _failure(self, what: str) -> EmbeddedKafkaError:
        return EmbeddedKafkaError(
            f"the local Kafka (node {self.node_id}) {what}: {self.log.failure_reason()}"
        )


def _broker_responds(port: int) -> bool:
    """Return whether a broker on this port responds to an ApiVersions request.

    An open port is not enough: Kafka binds it long before it serves requests.
    """
    try:
        with socket.create_connection((HOST, port), RESPONSE_TIMEOUT_S) as connection:
            connection.sendall(API_VERSIONS_REQUEST)
            return len(connection.recv(4)) > 0
    except OSError:
        return False


def _error_text(text: str) -> str:
    """Return the end of a Java tool's output, without stack traces.

    A usage message has the reason at its end.
    """
    lines = [line.strip() for line in text.splitlines() if not line.lstrip().startswith("at ")]
    return " ".join(line for line in lines if line)[-QUOTE_CHARS_MAX:]
