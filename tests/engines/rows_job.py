"""A Spark job for the tests: the decoded rows as they are, to Parquet; the schema, to stdout."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "deploy" / "spark"))

import registros


def main() -> None:
    """Read the whole topic with what stream.py and batch.py read it with."""
    asked = registros.parser(__doc__).parse_args()
    schema = registros.schema_of(asked.registry, asked.topic, asked.wait_s)
    spark = registros.session("rows")
    source = registros.source_options(asked.bootstrap_servers, asked.topic)
    rows = registros.decoded(spark.read.format("kafka").options(**source).load(), schema)
    sys.stdout.write(rows.schema.simpleString() + "\n")
    rows.write.parquet(asked.output)


if __name__ == "__main__":
    main()
