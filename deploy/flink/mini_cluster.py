"""Flink in a Java process of this machine, without an installation: jars, Java, and the bridge.

The jars are those of core.lock and connectors.lock, the Java runtime and py4j come as wheels.
Holds no SQL; that is in the files beside it.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from flink_sql import HERE, setting_of, statements_of

from gerador.embedded.jars import default_cache_dir, ensure_jars
from gerador.embedded.java import java_binary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LOCKS: Final = (HERE / "core.lock", HERE / "connectors.lock")
STOP_TIMEOUT_S: Final = 10.0
HEAP_MB: Final = 768
STDOUT: Final = 1

# The second compiler tier and a parallel collector pay on a server; here they delay the start.
JAVA_FLAGS: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# Flink reads fields of these packages, which Java 17 and later close.
# Source: Flink 2.3's conf/config.yaml, env.java.opts.all.
OPENED: Final = tuple(
    f"--add-opens=java.base/java.{package}=ALL-UNNAMED"
    for package in (
        *("lang", "lang.reflect", "net", "io", "nio", "text", "time", "util"),
        *("util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"),
    )
)
CONFIGURATION: Final = {
    "parallelism.default": "2",
    # A job that fails shall say so; tried again for ever, it only looks slow.
    "restart-strategy.type": "none",
    "taskmanager.memory.network.min": "32mb",
    "taskmanager.memory.network.max": "32mb",
    "taskmanager.memory.managed.size": "64mb",
}
_KAFKA: Final = "org.apache.flink.kafka.shaded.org.apache.kafka"


class FlinkFault(Exception):
    """What Flink complained of, in one line: the innermost of Java's nested causes."""


def flink_jars(cache_dir: Path | None = None) -> list[Path]:
    """Return the class path, fetched at the first time (178 MB) and checked.

    Raises EmbeddedKafkaError: a jar cannot be had, or is not the one that was pinned.
    """
    kept = (cache_dir or default_cache_dir()) / "flink"
    # A folder for each lock, because what was checked is noted by folder.
    return [p for lock in LOCKS for p in ensure_jars(kept / lock.stem, lock_path=lock)]


class Flink:
    """A Flink mini cluster; `tables` is its TableEnvironment, `jvm` py4j's view of Java.

    Made by `flink`, and gone with its block.
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
        """Run the statements of an SQL file; return the TableResults of those that have one."""
        return [r for s in statements_of(file, values) if (r := self.execute(s)) is not None]

    def execute(self, statement: str) -> Any:
        """Run one statement and return its TableResult; SET is the SQL client's, and done here."""
        setting = setting_of(statement)
        if setting is None:
            return self.tables.executeSql(statement)
        self.tables.getConfig().set(*setting)
        return None

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query: texts and numbers as Python's, everything else as Java's.

        Cost: a call to Java a field.
        """
        result = self.tables.executeSql(query)
        columns = result.getResolvedSchema().getColumnCount()
        found = result.collect()
        try:
            while found.hasNext():
                row = found.next()
                yield tuple(row.getField(i) for i in range(columns))
        finally:
            found.close()

    def create_topic(self, bootstrap: str, name: str) -> None:
        """Create a compacted topic, with the broker's own defaults, unless it is there.

        With the client inside Flink's connector, so that nothing else has to be installed.
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
    """Start Java and Flink, and end them with the block.

    Raises GeradorError: Java or a jar is missing. ImportError: py4j is. FlinkFault: from inside
    the block, for what Flink raised there.
    """
    from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway  # noqa: PLC0415
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - an extra

    # py4j's finalizers log a traceback for each object that is let go of after the end.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    port, process = launch_gateway(
        classpath=os.pathsep.join(str(jar) for jar in flink_jars(cache_dir)),
        java_path=str(java_binary()),
        javaopts=[f"-Xmx{HEAP_MB}m", *JAVA_FLAGS, *OPENED],
        die_on_exit=True,
        return_proc=True,
        # A copy, which py4j closes at the end; by lines, so that rows are seen when they come.
        redirect_stdout=os.fdopen(os.dup(STDOUT), "w", buffering=1),
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
    try:
        yield Flink(gateway.jvm)
    except Py4JJavaError as refused:
        raise FlinkFault(innermost(refused.java_exception)) from refused
    finally:
        gateway.close()
        process.stdin.close()  # what Java waits for, to end by itself
        process.wait(STOP_TIMEOUT_S)


def innermost(fault: Any) -> str:
    """Return the cause of all causes of a Java exception, in one line."""
    while fault.getCause() is not None:
        fault = fault.getCause()
    return " ".join(str(fault.toString()).split())
