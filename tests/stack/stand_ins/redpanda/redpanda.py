#!/usr/bin/env python3
"""Redpanda's command line over Apache Kafka: the two commands that the compose file gives.

``rpk redpanda start --kafka-addr=… --advertise-kafka-addr=… --schema-registry-addr=…`` and
``rpk cluster health``. Other options of the first are ignored, and logged when
the broker starts; other commands are rejected. Runs in the image; standard library only.
"""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from registry import serve_registry

DATA = Path("/var/lib/redpanda/data")
JAVA = [
    "/opt/java/bin/java",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    "/opt/kafka/*",
]
CLUSTER_ID = "Z2VyYWRvcnN0YW5kaW4wMQ"  # any 16 bytes in base64; the same at each start
API_VERSIONS_REQUEST = bytes.fromhex("0000000a 0012 0000 00000000 ffff")  # KIP-35, version 0
ANSWER_TIMEOUT_S = 2.0
KNOWN = ("kafka-addr", "advertise-kafka-addr", "schema-registry-addr")


def main(arguments: list[str]) -> int:
    """Do what rpk would do with these arguments."""
    if arguments[:2] == ["redpanda", "start"]:
        return start(options(arguments[2:]))
    if arguments == ["cluster", "health"]:
        log(f"Healthy: {str(healthy()).lower()}")
        return 0
    log("this stand-in for Redpanda has no command", *arguments)
    return 2


def log(*words: str) -> None:
    """Write a line to the container's log."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def options(arguments: list[str]) -> dict[str, str]:
    """Return the options, which are written --name=value."""
    given = dict(argument.removeprefix("--").split("=", 1) for argument in arguments)
    log("passed over:", *sorted(given.keys() - set(KNOWN)))
    return {name: given[name] for name in KNOWN}


def start(given: dict[str, str]) -> int:
    """Run Kafka and the registry until a signal, or until Kafka ends."""
    (DATA / "server.properties").write_text(properties(given))
    if not (DATA / "log" / "meta.properties").exists():
        storage = [*JAVA, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID]
        subprocess.run([*storage, "-c", "server.properties"], check=True, cwd=DATA)
    for _, port in addresses(given["schema-registry-addr"]):
        threading.Thread(
            target=serve_registry, args=(port, DATA / "schemas.json"), daemon=True
        ).start()
    kafka = subprocess.Popen([*JAVA, "kafka.Kafka", "server.properties"], cwd=DATA)
    signal.signal(signal.SIGTERM, lambda *_: kafka.terminate())
    return kafka.wait()


def addresses(text: str) -> list[tuple[str, int]]:
    """Return (listener, port) of ``internal://0.0.0.0:9092,external://…``."""
    parts = [part.partition("://") for part in text.split(",")]
    return [(name.upper(), int(rest.rpartition(":")[2])) for name, _, rest in parts]


def properties(given: dict[str, str]) -> str:
    """Return the configuration of a single node with Redpanda's listeners."""
    names = [name for name, _ in addresses(given["kafka-addr"])]
    values = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": "1@127.0.0.1:9095",
        "listeners": f"{given['kafka-addr'].upper()},CONTROLLER://127.0.0.1:9095",
        # The protocol names of listeners are upper case, host names stay as they are.
        "advertised.listeners": ",".join(
            f"{part.partition('://')[0].upper()}://{part.partition('://')[2]}"
            for part in given["advertise-kafka-addr"].split(",")
        ),
        "listener.security.protocol.map": ",".join(
            f"{name}:PLAINTEXT" for name in [*names, "CONTROLLER"]
        ),
        "inter.broker.listener.name": names[0],
        "controller.listener.names": "CONTROLLER",
        # As Redpanda in its dev-container mode: a metadata request creates the topic.
        "auto.create.topics.enable": "true",
        "log.dirs": DATA / "log",
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        # A killed broker's registration must run out before it may come back.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def healthy() -> bool:
    """Return whether Kafka responds and the registry accepts connections."""
    try:
        with socket.create_connection(("127.0.0.1", 9092), ANSWER_TIMEOUT_S) as broker:
            broker.sendall(API_VERSIONS_REQUEST)
            answered = bool(broker.recv(4))
        socket.create_connection(("127.0.0.1", 8081), ANSWER_TIMEOUT_S).close()
    except OSError:
        return False
    return answered


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
