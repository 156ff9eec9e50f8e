"""Resolves Kafka's jars and writes `jars.lock` with their checksums and sizes.

Usage: ``python -m gerador.embedded.lock_jars``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from jgo.maven import MavenContext

from gerador.embedded.jars import KAFKA_VERSION, LOCK_PATH, LockedJar, download, sha256_of

LOG4J_VERSION: Final = "2.24.3"

# Each group is resolved separately: the dependency management that log4j-core has for its own tests
# would downgrade kafka-clients to 3.8.
ROOTS: Final = (
    (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",),
    (
        f"org.apache.logging.log4j:log4j-core:{LOG4J_VERSION}",
        f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J_VERSION}",
    ),
)

# kafka-tools without dependencies: Connect, Jetty and Jersey are for Connect's commands;
# TopicCommand and ProducerPerformance run without them.
ROOTS_WITHOUT_DEPENDENCIES: Final = (f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",)

HEADER: Final = """\
# The jars of the embedded Kafka: SHA-256, bytes, group:artifact:version.
# Written by: python -m gerador.embedded.lock_jars
"""


def resolve_coordinates(workspace: Path) -> list[str]:
    """Return the coordinates of all jars, sorted; `workspace` receives the POMs."""
    coordinates = set(ROOTS_WITHOUT_DEPENDENCIES)
    for group in ROOTS:
        context = MavenContext(repo_cache=workspace)
        roots, others = context.resolver.resolve([context.create_dependency(c) for c in group])
        coordinates.update(f"{d.groupId}:{d.artifactId}:{d.version}" for d in [*roots, *others])
    return sorted(coordinates)


def lock_jar(coordinate: str, workspace: Path) -> LockedJar:
    """Download one jar and return its line of the lock."""
    path = download(coordinate, workspace)
    return LockedJar(sha256_of(path), path.stat().st_size, coordinate)


def main() -> None:
    """Resolve and download the jars, and write the lock next to this module."""
    with tempfile.TemporaryDirectory() as folder:
        jars = [lock_jar(c, Path(folder)) for c in resolve_coordinates(Path(folder))]
    lines = [f"{jar.sha256} {jar.size_bytes:>9} {jar.coordinate}\n" for jar in jars]
    LOCK_PATH.write_text(HEADER + "".join(lines), "utf-8")
    total_mb = sum(jar.size_bytes for jar in jars) / 1e6
    sys.stderr.write(f"{LOCK_PATH.name}: {len(jars)} jars, {total_mb:.1f} MB\n")


if __name__ == "__main__":
    main()
