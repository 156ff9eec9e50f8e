"""Run job.sql, or a query, on what `gerador run` fills, with a Flink inside this command.

``python deploy/flink/local_flink.py --help``. For a Flink cluster there is submit.sh.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flink_sql import DEFAULTS, sink_topic, values_of
from mini_cluster import FlinkFault, flink

from gerador.errors import GeradorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mini_cluster import Flink

MISSING: Final = "run pip install pyspark==4.1.1, which brings py4j too"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Run Flink here, on the topic that the generator fills.",
        epilog="Environment: " + ", ".join(f"{k} ({v})" for k, v in DEFAULTS.items()),
    )
    parser.add_argument(
        "query",
        nargs="?",
        help="SQL over the tables, or a file beside this one that holds it; none: job.sql",
    )
    parser.add_argument(
        "--tables", default="tables.sql", help="a file beside this one (%(default)s)"
    )
    parser.add_argument(
        "--bounded", action="store_true", help="read what the topic holds now, and end"
    )
    return parser.parse_args()


def main() -> None:
    """Run the query and print its rows, or run the job until it ends or Ctrl-C."""
    arguments = _arguments()
    values = values_of(os.environ, bounded=arguments.bounded)
    cache_dir = os.environ.get("GERADOR_CACHE_DIR")
    with flink(Path(cache_dir) if cache_dir else None) as engine:
        engine.run_file(arguments.tables, values)
        if arguments.query is None:
            _run_job(engine, values)
        else:
            for shown in _results(engine, arguments.query, values):
                shown.print()


def _results(engine: Flink, query: str, values: Mapping[str, str]) -> list[Any]:
    if query.endswith(".sql"):
        return engine.run_file(query, values)
    shown = engine.execute(query.strip().removesuffix(";"))
    return [] if shown is None else [shown]


def _run_job(engine: Flink, values: Mapping[str, str]) -> None:
    topic = sink_topic(values)
    engine.create_topic(values["KAFKA_BOOTSTRAP_SERVERS"], topic)
    for result in engine.run_file("job.sql", values):
        sys.stderr.write(f"the job runs; its results go to the topic {topic}\n")
        getattr(result, "await")()  # a word of Python's


if __name__ == "__main__":
    # Ctrl-C ends at once, and Java with this process: py4j would take it for a broken connection.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        main()
    except ModuleNotFoundError as missing:
        sys.exit(f"local_flink: {missing}; {MISSING}")
    except (GeradorError, FlinkFault) as fault:
        sys.exit(f"local_flink: {fault}")
