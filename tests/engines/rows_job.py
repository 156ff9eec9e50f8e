"""A Spark job for the tests: the decoded rows as they are, to Parquet; the schema, to stdout."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "deploy" / "spark"))

import registros


def main() -> None:
    """Read the whole topic with what stream.py and batch.py read it with."""
    options = registros.parser(__doc__).parse_args()
    schema = registros.latest_schema(options.registry, options.topic, options.wait_s)
    spark = registros.session("rows")
    source = registros.source_options(options.bootstrap_servers, options.topic)
    rows = registros.decode(spark.read.format("kafka").options(**source).load(), schema)
    sys.stdout.write(rows.schema.simpleString() + "\n")
    rows.write.parquet(options.output)


if __name__ == "__main__":
    main()
