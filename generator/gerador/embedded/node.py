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
from gerador.embedded.server_log import ServerLog
from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


FORMAT_TIMEOUT_S: Final = 60.0
POLL_INTERVAL_S: Final = 0.02
ANSWER_TIMEOUT_S: Final = 1.0
OUTPUT_CHARS_MAX: Final = 300

# ApiVersions v0 (KIP-35): size, api key 18, version 0, correlation id 0, no client id.
API_VERSIONS_REQUEST: Final = struct.pack(">ihhih", 10, 18, 0, 0, -1)


class Node:
    """A broker and controller in one Java process; `directory` holds its data, logs and files.

    Java runs with `directory` as its working folder and all its paths are relative to that, so a
    folder's name cannot upset a configuration file.
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
        """The watchdog's process id, which is also its process group's; None before the start."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """Java's exit code; None while it runs, or before the start."""
        return self._process.poll() if self._process else None

    def alive(self) -> bool:
        """Say whether the process runs; that it answers is another question (`await_ready`)."""
        return self._process is not None and self._process.poll() is None

    def configure(self, properties: Mapping[str, str]) -> None:
        """Write the files that a start reads; ports may differ from the last run's."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / PROPERTIES_FILE).write_text(properties_text(properties), "ascii")
        (self.directory / LOG4J_FILE).write_text(log4j_text(), "ascii")

    def format(self, cluster_id: str, arguments: Sequence[str], flags: Sequence[str]) -> None:
        """Prepare an empty data folder with Kafka's StorageTool; a formatted one is left alone.

        Raises:
            EmbeddedKafkaError: StorageTool refused; its words are quoted.
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
            said = _error_text(done.stderr or done.stdout)
            raise EmbeddedKafkaError(f"The folder {self.directory} cannot be formatted: {said}")

    def launch(self, lock_descriptor: int, flags: Sequence[str]) -> None:
        """Start the process and return at once. Ctrl-C on our terminal does not reach it."""
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

    def await_ready(self, port: int, deadline: float, cancelled: Callable[[], bool]) -> None:
        """Block until the broker answers on its plaintext port.

        Raises:
            EmbeddedKafkaError: it ended, did not answer by `deadline` (monotonic seconds), or the
                start was cancelled.
        """
        while not _broker_responds(port):
            if not self.alive():
                raise self._failure("ended while it started")
            if time.monotonic() > deadline:
                raise self._failure("did not become ready in time")
            if cancelled():
                raise EmbeddedKafkaError("The start of the local Kafka was cancelled")
            time.sleep(POLL_INTERVAL_S)

    def terminate(self) -> None:
        """Ask the process to end; `join` waits for it."""
        if self._process and self.alive():
            self._process.terminate()

    def join(self, timeout_s: float) -> None:
        """Wait for the end that `terminate` asked for; after `timeout_s` kill."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """End the process with SIGKILL and wait until it is gone; ended, this does nothing."""
        if self._process is None:
            return
        if self.alive():
            # The group: the watchdog and Java at one stroke.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def port_was_taken(self) -> bool:
        """Say whether the last start failed because another program has the port."""
        return "Address already in use" in self.log.text()

    def _java(self, flags: Sequence[str]) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={LOG4J_FILE}"
        flags = [*flags, "-XX:+ExitOnOutOfMemoryError", log4j]
        return with_watchdog(java_command(self._jars, self._heap_mb, flags))

    def _failure(self, what: str) -> EmbeddedKafkaError:
        line = f"The local Kafka (node {self.node_id}) {what}: {self.log.reason()}"
        return EmbeddedKafkaError(line)


def _broker_responds(port: int) -> bool:
    """Say whether a broker on this port answers an ApiVersions request.

    An open port proves little: Kafka binds it early and serves it last.
    """
    try:
        with socket.create_connection((HOST, port), ANSWER_TIMEOUT_S) as connection:
            connection.sendall(API_VERSIONS_REQUEST)
            return len(connection.recv(4)) > 0
    except OSError:
        return False


def _error_text(text: str) -> str:
    """Return what a Java tool said, cut to a quotable length.

    Without the stack below an exception; of a usage, the end, where the reason stands.
    """
    lines = [line.strip() for line in text.splitlines() if not line.lstrip().startswith("at ")]
    return " ".join(line for line in lines if line)[-OUTPUT_CHARS_MAX:]
