"""Write the locks of the jars of Flink and Spark: resolve once, pin each by checksum and size.

Run it when a version here changes, then run the tests: ``python -m tests.engines.lock``. It needs
pyspark installed, because what Spark brings itself is not fetched again. Nothing else resolves.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

import pyspark
from jgo.maven import MavenContext

from gerador.embedded.lock_jars import lock_jar

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
FLINK: Final = "2.3.0"
FLINK_KAFKA: Final = "5.0.0-2.2"
SPARK: Final = "4.1.1"
SCALA: Final = "2.13"

FLINK_CORE: Final = (
    "flink-clients",
    "flink-table-planner-loader",
    "flink-table-runtime",
    "flink-table-api-java-bridge",
    "flink-json",
)

# These hold all that they need. With their dependencies resolved with the core's, the versions
# that the Kafka connector manages would silently downgrade Flink to 2.1.
FLINK_CONNECTORS: Final = (
    f"org.apache.flink:flink-sql-connector-kafka:{FLINK_KAFKA}",
    f"org.apache.flink:flink-sql-avro-confluent-registry:{FLINK}",
    f"org.apache.flink:flink-connector-base:{FLINK}",
)

SPARK_ROOTS: Final = (
    f"org.apache.spark:spark-sql-kafka-0-10_{SCALA}:{SPARK}",
    f"org.apache.spark:spark-avro_{SCALA}:{SPARK}",
)
PROVIDED: Final = frozenset({"test", "provided", "system"})


def resolved(roots: tuple[str, ...], workspace: Path) -> set[str]:
    """Return the coordinates of `roots` and of all that they need at run time."""
    context = MavenContext(repo_cache=workspace)
    named, others = context.resolver.resolve([context.create_dependency(c) for c in roots])
    needed = [d for d in [*named, *others] if d.scope not in PROVIDED]
    return {f"{d.groupId}:{d.artifactId}:{d.version}" for d in needed}


def in_pyspark() -> set[str]:
    """Return the artifacts whose jars pyspark brings, without their versions."""
    jars = (Path(pyspark.__file__).parent / "jars").glob("*.jar")
    return {re.sub(r"-\d[^-]*(-[A-Za-z]\w*)?$", "", jar.stem) for jar in jars}


def write(path: Path, what: str, coordinates: set[str], workspace: Path) -> None:
    """Write one lock, sorted by coordinate."""
    jars = [lock_jar(c, workspace) for c in sorted(coordinates)]
    head = f"# {what}: SHA-256, bytes, group:artifact:version.\n"
    head += "# Written by: python -m tests.engines.lock\n"
    lines = [f"{jar.sha256} {jar.size_bytes:>9} {jar.coordinate}\n" for jar in jars]
    path.write_text(head + "".join(lines), "utf-8")
    total_mb = sum(jar.size_bytes for jar in jars) / 1e6
    sys.stderr.write(f"{path.relative_to(DEPLOY)}: {len(jars)} jars, {total_mb:.1f} MB\n")


def main() -> None:
    """Resolve, fetch, and write the three locks."""
    with tempfile.TemporaryDirectory() as folder:
        space = Path(folder)
        core = resolved(tuple(f"org.apache.flink:{a}:{FLINK}" for a in FLINK_CORE), space)
        connectors = set(FLINK_CONNECTORS)
        write(
            DEPLOY / "flink/connectors.lock", "Additional jars for lib/ of Flink", connectors, space
        )
        write(DEPLOY / "flink/core.lock", "Jars of Flink", core - connectors, space)
        theirs = in_pyspark()
        extra = {c for c in resolved(SPARK_ROOTS, space) if c.split(":")[1] not in theirs}
        write(DEPLOY / "spark/jars.lock", "Jars that pyspark does not contain", extra, space)


if __name__ == "__main__":
    main()
