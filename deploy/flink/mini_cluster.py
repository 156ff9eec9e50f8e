"""A Flink mini cluster in a local Java process, controlled with py4j, without an installation.

The jars are those of core.lock and connectors.lock; the Java runtime and py4j are wheels.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from flink_sql import HERE, parse_set, read_statements

from gerador.embedded.jars import default_cache_dir, ensure_jars
from gerador.embedded.java import java_binary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LOCKS: Final = (HERE / "core.lock", HERE / "connectors.lock")
STOP_TIMEOUT_S: Final = 10.0
HEAP_MB: Final = 768
STDOUT: Final = 1

# Optimized for a fast start: one compiler tier, serial garbage collector.
JAVA_FLAGS: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# Flink accesses these packages by reflection, which Java 17 and later restrict.
# Source: Flink 2.3's conf/config.yaml, env.java.opts.all.
ADD_OPENS: Final = tuple(
    f"--add-opens=java.base/java.{package}=ALL-UNNAMED"
    for package in (
        *("lang", "lang.reflect", "net", "io", "nio", "text", "time", "util"),
        *("util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"),
    )
)
CONFIGURATION: Final = {
    "parallelism.default": "2",
    # A failed job must report its error; with endless restarts it only looks slow.
    "restart-strategy.type": "none",
    "taskmanager.memory.network.min": "32mb",
    "taskmanager.memory.network.max": "32mb",
    "taskmanager.memory.managed.size": "64mb",
}
_KAFKA: Final = "org.apache.flink.kafka.shaded.org.apache.kafka"


class FlinkError(Exception):
    """An exception in Flink; the message is its root cause in one line."""


def flink_jars(cache_dir: Path | None = None) -> list[Path]:
    """Return the class path; downloads 178 MB the first time.

    Raises EmbeddedKafkaError: a jar cannot be downloaded, or its checksum differs from the lock.
    """
    flink_dir = (cache_dir or default_cache_dir()) / "flink"
    # A directory for each lock, because verified jars are listed per directory.
    return [p for lock in LOCKS for p in ensure_jars(flink_dir / lock.stem, lock_path=lock)]


class Flink:
    """A Flink mini cluster; `tables` is its TableEnvironment, `jvm` py4j's view of Java.

    Created by `flink`; valid inside its ``with`` block.
    """

    def __init__(self, jvm: Any) -> None:
        self.jvm = jvm
        configuration = jvm.org.apache.flink.configuration.Configuration()
        for key, value in CONFIGURATION.items():
            configuration.setString(key, value)
        api = jvm.org.apache.flink.table.api
        settings = api.EnvironmentSettings.newInstance().inStreamingMode()
        self.tables = api.TableEnvironment.create(settings.withConfiguration(configuration).build())

    def run_file(self, file: str, values: Mapping[str, str]) -> list[Any]:
        """Run the statements of an SQL file and return their TableResults."""
        return [r for s in read_statements(file, values) if (r := self.execute(s)) is not None]

    def execute(self, statement: str) -> Any:
        """Run one statement and return its TableResult; None for SET, which is applied here."""
        setting = parse_set(statement)
        if setting is None:
            return self.tables.executeSql(statement)
        self.tables.getConfig().set(*setting)
        return None

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query: strings and numbers as Python's, other values as Java's.

        Cost: one call to Java per field.
        """
        result = self.tables.executeSql(query)
        columns = result.getResolvedSchema().getColumnCount()
        iterator = result.collect()
        try:
            while iterator.hasNext():
                row = iterator.next()
                yield tuple(row.getField(i) for i in range(columns))
        finally:
            iterator.close()

    def create_topic(self, bootstrap: str, name: str) -> None:
        """Create a compacted topic with the broker's defaults if it does not exist.

        Uses the admin client of Flink's connector: no other client is needed.
        """
        util, clients = self.jvm.java.util, getattr(self.jvm, f"{_KAFKA}.clients")
        default = util.Optional.empty()
        topic = clients.admin.NewTopic(name, default, default)
        topic.configs({"cleanup.policy": "compact"})
        admin = clients.admin.Admin.create({"bootstrap.servers": bootstrap})
        try:
            if not admin.listTopics().names().get().contains(name):
                admin.createTopics(util.Collections.singleton(topic)).all().get()
        finally:
            admin.close()


@contextmanager
def flink(cache_dir: Path | None = None) -> Iterator[Flink]:
    """Start Java and Flink; stop them at the end of the block.

    Raises GeradorError: Java or a jar is missing. ImportError: py4j is missing. FlinkError: Flink
    raised an exception inside the block.
    """
    from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway  # noqa: PLC0415
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - an extra

    # py4j's finalizers log a traceback for each object that is deleted after the end.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    port, process = launch_gateway(
        classpath=os.pathsep.join(str(jar) for jar in flink_jars(cache_dir)),
        java_path=str(java_binary()),
        javaopts=[f"-Xmx{HEAP_MB}m", *JAVA_FLAGS, *ADD_OPENS],
        die_on_exit=True,
        return_proc=True,
        # A copy, because py4j closes it; line-buffered, so that rows are printed immediately.
        redirect_stdout=os.fdopen(os.dup(STDOUT), "w", buffering=1),
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
    try:
        yield Flink(gateway.jvm)
    except Py4JJavaError as error:
        raise FlinkError(root_cause(error.java_exception)) from error
    finally:
        gateway.close()
        process.stdin.close()  # Java exits when its stdin is closed
        process.wait(STOP_TIMEOUT_S)


def root_cause(error: Any) -> str:
    """Return the root cause of a Java exception in one line."""
    while error.getCause() is not None:
        error = error.getCause()
    return " ".join(str(error.toString()).split())
