"""A batch job: aggregates the present records of the topic per city and minute, to Parquet."""

from __future__ import annotations

import registros


def main() -> None:
    """Read the topic from its start to its present end, and write all windows."""
    options = registros.parser(__doc__).parse_args()
    schema = registros.latest_schema(options.registry, options.topic, options.wait_s)
    spark = registros.session("registros-per-city-minute-batch")
    source = registros.source_options(options.bootstrap_servers, options.topic)
    records = spark.read.format("kafka").options(**source).load()
    windows = registros.per_city_minute(registros.decode(records, schema))
    windows.orderBy("window_start", "cidade").write.mode("overwrite").parquet(options.output)


if __name__ == "__main__":
    main()
