"""Configuration of the local Kafka: nodes, topics, server.properties and log4j2.properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


HOST: Final = "127.0.0.1"
PROPERTIES_FILE: Final = "server.properties"
LOG4J_FILE: Final = "log4j2.properties"
BROKER_LISTENER: Final = "PLAINTEXT"
CONTROLLER_LISTENER: Final = "CONTROLLER"

TOPIC_RETENTION_BYTES: Final = 1 << 30
"""Retention of a topic over all its partitions: a forgotten run does not fill the disk."""

SEGMENT_BYTES_MAX: Final = 64 << 20
SEGMENT_BYTES_MIN: Final = 1 << 20  # the minimum of Kafka 4
SEGMENTS_PER_PARTITION: Final = 4  # only closed segments are deleted
PARTITIONS_ASSUMED: Final = 8  # of topics that are created without retention.bytes

# At 130 MB/s Kafka's defaults (five minutes between checks, one minute until the file of a deleted
# segment is removed) would let a topic exceed its retention by tens of gigabytes.
RETENTION_CHECK_INTERVAL_MS: Final = 1_000
DELETE_DELAY_MS: Final = 1_000

MESSAGE_BYTES_MAX: Final = 8 << 20
REQUEST_BYTES_MAX: Final = 64 << 20
SOCKET_BUFFER_BYTES: Final = 1 << 20
LONG_MAX: Final = str((1 << 63) - 1)  # Java's Long.MAX_VALUE: no limit

LOG_FILE_MB_MAX: Final = 10
LOG_FILES_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class NodePorts:
    """The loopback ports of one node; `listeners` maps names to ports, without the controller's."""

    listeners: Mapping[str, int]
    controller: int


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """The configuration that all nodes of a cluster share.

    `protocols` maps each client listener to its security protocol; `extra` are properties that
    override all others.
    """

    ports: Sequence[NodePorts]
    protocols: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)

    def bootstrap(self, listener: str = BROKER_LISTENER) -> str:
        """Return ``host:port`` of every node, separated by commas."""
        return ",".join(f"{HOST}:{node.listeners[listener]}" for node in self.ports)


def topic_config(partitions: int) -> dict[str, str]:
    """Return the configuration of a topic that retains at most `TOPIC_RETENTION_BYTES` in total.

    Kafka limits each partition and deletes closed segments only: the disk usage stays below the
    limit, plus one segment per partition, plus the records that arrive between two checks.

    Args:
        partitions: at least 1.
    """
    retention_bytes = TOPIC_RETENTION_BYTES // partitions
    segment_bytes = retention_bytes // SEGMENTS_PER_PARTITION
    segment_bytes = max(SEGMENT_BYTES_MIN, min(SEGMENT_BYTES_MAX, segment_bytes))
    return {
        "retention.bytes": str(retention_bytes),
        "retention.ms": "-1",
        "segment.bytes": str(segment_bytes),
        "file.delete.delay.ms": str(DELETE_DELAY_MS),
    }


def node_properties(layout: ClusterLayout, node_id: int) -> dict[str, str]:
    """Return the configuration of a node (ids start at 1); paths are relative to its directory.

    `layout.extra` is not validated: Kafka does that.
    """
    return {
        "node.id": str(node_id),
        "process.roles": "broker,controller",
        "log.dirs": "data",
        **_network(layout, node_id),
        **_replication(len(layout.ports)),
        **_STATIC_PROPERTIES,
        **layout.extra,
    }


def _network(layout: ClusterLayout, node_id: int) -> dict[str, str]:
    own = layout.ports[node_id - 1]
    brokers = [f"{name}://{HOST}:{port}" for name, port in own.listeners.items()]
    protocols = {CONTROLLER_LISTENER: "PLAINTEXT", BROKER_LISTENER: "PLAINTEXT"}
    protocols.update(layout.protocols)
    voters = (f"{i}@{HOST}:{node.controller}" for i, node in enumerate(layout.ports, 1))
    return {
        "listeners": ",".join([*brokers, f"{CONTROLLER_LISTENER}://{HOST}:{own.controller}"]),
        "advertised.listeners": ",".join(brokers),
        "listener.security.protocol.map": ",".join(f"{k}:{v}" for k, v in protocols.items()),
        "inter.broker.listener.name": BROKER_LISTENER,
        "controller.listener.names": CONTROLLER_LISTENER,
        "controller.quorum.voters": ",".join(voters),
    }


def _replication(nodes: int) -> dict[str, str]:
    replicas, in_sync = str(nodes), str(nodes // 2 + 1)
    return {
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


_STATIC_PROPERTIES: Final = {
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    "message.max.bytes": str(MESSAGE_BYTES_MAX),
    "replica.fetch.max.bytes": str(MESSAGE_BYTES_MAX),
    "socket.request.max.bytes": str(REQUEST_BYTES_MAX),
    "socket.send.buffer.bytes": str(SOCKET_BUFFER_BYTES),
    "socket.receive.buffer.bytes": str(SOCKET_BUFFER_BYTES),
    # Event times may be years in the past or future: no timestamp deletes or rejects a record.
    "log.retention.ms": "-1",
    "log.message.timestamp.before.max.ms": LONG_MAX,
    "log.message.timestamp.after.max.ms": LONG_MAX,
    "log.retention.bytes": str(TOPIC_RETENTION_BYTES // PARTITIONS_ASSUMED),
    "log.segment.bytes": str(SEGMENT_BYTES_MAX // 2),
    "log.retention.check.interval.ms": str(RETENTION_CHECK_INTERVAL_MS),
    "log.segment.delete.delay.ms": str(DELETE_DELAY_MS),
    # The session of a killed broker must expire before it can restart and before other brokers
    # take over. Kafka's default of 9 s is for networks.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # One machine: few internal partitions, and no wait for further group members.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
}


def properties_text(properties: Mapping[str, str]) -> str:
    """Return a Java properties file in ASCII; values may contain any character (PEM, accents).

    Source: java.util.Properties.load, which reads Latin-1 and Unicode escapes.
    """
    return "".join(f"{name}={_escaped(value)}\n" for name, value in properties.items())


def _escaped(value: str) -> str:
    units = value.encode("utf-16-be")
    codes = (int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2))
    return "".join(
        chr(code) if 0x20 < code < 0x7F and code != ord("\\") else f"\\u{code:04x}"
        for code in codes
    )


def log4j_text() -> str:
    """Return the log4j2 configuration: one rolling file of limited size, no terminal output."""
    return f"""\
status=error
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName=server.log
appender.file.filePattern=server.log.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size={LOG_FILE_MB_MAX}MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max={LOG_FILES_MAX}
rootLogger.level=info
rootLogger.appenderRef.file.ref=file
"""
