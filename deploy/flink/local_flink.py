"""Runs job.sql, or a query, on the topic of `gerador run`, in a Flink mini cluster.

``python deploy/flink/local_flink.py --help``. For a Flink cluster, use submit.sh.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flink_sql import DEFAULTS, sink_topic, variable_values
from mini_cluster import FlinkError, flink

from gerador.errors import GeradorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mini_cluster import Flink

MISSING: Final = "run pip install pyspark==4.1.1, which includes py4j"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Run Flink SQL on the generator's topic in a local mini cluster.",
        epilog="Environment: " + ", ".join(f"{k} ({v})" for k, v in DEFAULTS.items()),
    )
    parser.add_argument(
        "query",
        nargs="?",
        help="SQL query, or an SQL file of this directory (default: job.sql)",
    )
    parser.add_argument(
        "--tables",
        default="tables.sql",
        help="SQL file of this directory that creates the tables (default: %(default)s)",
    )
    parser.add_argument(
        "--bounded", action="store_true", help="read the present records of the topic and stop"
    )
    return parser.parse_args()


def main() -> None:
    """Run the query and print its rows, or run the job until it ends or is interrupted."""
    arguments = _arguments()
    values = variable_values(os.environ, bounded=arguments.bounded)
    cache_dir = os.environ.get("GERADOR_CACHE_DIR")
    with flink(Path(cache_dir) if cache_dir else None) as engine:
        engine.run_file(arguments.tables, values)
        if arguments.query is None:
            _run_job(engine, values)
        else:
            for result in _results(engine, arguments.query, values):
                result.print()


def _results(engine: Flink, query: str, values: Mapping[str, str]) -> list[Any]:
    if query.endswith(".sql"):
        return engine.run_file(query, values)
    result = engine.execute(query.strip().removesuffix(";"))
    return [] if result is None else [result]


def _run_job(engine: Flink, values: Mapping[str, str]) -> None:
    topic = sink_topic(values)
    engine.create_topic(values["KAFKA_BOOTSTRAP_SERVERS"], topic)
    for result in engine.run_file("job.sql", values):
        sys.stderr.write(f"job running; it writes its results to topic {topic}\n")
        getattr(result, "await")()  # a keyword in Python


if __name__ == "__main__":
    # Ctrl-C ends this process, and Java with it; py4j would report a broken connection.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        main()
    except ModuleNotFoundError as missing:
        sys.exit(f"local_flink: {missing}; {MISSING}")
    except (GeradorError, FlinkError) as error:
        sys.exit(f"local_flink: {error}")
