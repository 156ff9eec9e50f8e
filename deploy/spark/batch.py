"""A batch job: what the topic holds now, aggregated per city and minute, to Parquet."""

from __future__ import annotations

import registros


def main() -> None:
    """Read the topic from its beginning to its present end, and write every window."""
    asked = registros.parser(__doc__).parse_args()
    schema = registros.schema_of(asked.registry, asked.topic, asked.wait_s)
    spark = registros.session("registros-per-city-minute-batch")
    source = registros.source_options(asked.bootstrap_servers, asked.topic)
    records = spark.read.format("kafka").options(**source).load()
    windows = registros.per_city_minute(registros.decoded(records, schema))
    windows.orderBy("window_start", "cidade").write.mode("overwrite").parquet(asked.output)


if __name__ == "__main__":
    main()
