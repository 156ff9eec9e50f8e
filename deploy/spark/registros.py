"""The default stream's topic as Spark rows, and the aggregate per city and minute.

Shared by stream.py and batch.py. The schema is read from the registry. Needs only Spark and the
standard library, no registry client.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final, NamedTuple

from pyspark.sql import functions as F  # noqa: N812 - as Spark's own documentation writes it
from pyspark.sql.avro.functions import from_avro

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REGISTRY_TIMEOUT_S: Final = 10.0
RETRY_S: Final = 1.0
WATERMARK: Final = "5 seconds"
WINDOW: Final = "1 minute"
PREFIX_BYTES: Final = 5
"""Confluent wire format: a zero byte and the schema id as a big-endian int32."""


class Schema(NamedTuple):
    """A schema in the registry: its id, which the records contain, and its JSON."""

    id: int
    json: str


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options of every job; defaults come from the environment."""
    common = argparse.ArgumentParser(description=description)
    for name, env, default, meaning in (
        ("--bootstrap-servers", "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092", "bootstrap servers"),
        ("--registry", "SCHEMA_REGISTRY_URL", "http://127.0.0.1:8000", "schema registry URL"),
        ("--topic", "GERADOR_TOPIC", "registros", "topic"),
        ("--output", "SPARK_OUTPUT", ".gerador/spark/per_city_minute", "output directory"),
    ):
        value = os.environ.get(env) or default
        common.add_argument(name, default=value, help=f"{meaning} (env: {env}; default: {value})")
    common.add_argument(
        "--wait-s", type=float, default=60.0, help="maximum wait for the schema, in seconds"
    )
    return common


def latest_schema(registry: str, topic: str, wait_s: float) -> Schema:
    """Return the latest schema of the topic's values; wait until it is registered.

    Exits with a one-line message if it is not registered after `wait_s`.
    """
    url = f"{registry.rstrip('/')}/subjects/{topic}-value/versions/latest"
    deadline_s = time.monotonic() + wait_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=REGISTRY_TIMEOUT_S) as response:  # noqa: S310
                found = json.load(response)
            return Schema(found["id"], found["schema"])
        except OSError as error:  # the registry is not running, or the schema not registered yet
            if time.monotonic() > deadline_s:
                raise SystemExit(
                    f"{url}: {error}; check that the generator runs, and --registry and --topic"
                ) from error
        time.sleep(RETRY_S)


def source_options(bootstrap_servers: str, topic: str) -> dict[str, str]:
    """Return the options of the Kafka source: all records from the earliest offset."""
    return {
        "kafka.bootstrap.servers": bootstrap_servers,
        "subscribe": topic,
        "startingOffsets": "earliest",
    }


def decode(records: DataFrame, schema: Schema) -> DataFrame:
    """Return Kafka records as rows of the schema; records with another schema id are dropped.

    `from_avro` does not support the wire format: it would decode the prefix as the first field.
    FAILFAST, because PERMISSIVE returns nulls for invalid values.
    """
    prefix = f"00{schema.id:08X}"
    datum = F.expr(f"substring(value, {PREFIX_BYTES + 1})")
    row = from_avro(datum, schema.json, {"mode": "FAILFAST"})
    matching = records.where(f"substring(value, 1, {PREFIX_BYTES}) = X'{prefix}'")
    return matching.select(row.alias("row")).select("row.*")


def per_city_minute(rows: DataFrame) -> DataFrame:
    """Return the number of records and the mean salary per city and minute of event time.

    In a stream the watermark closes a minute; a batch ignores it.
    """
    window = F.window("timestamp", WINDOW)
    grouped = rows.withWatermark("timestamp", WATERMARK).groupBy(window, "cidade")
    return grouped.agg(
        F.count("*").alias("records"), F.avg("salario").alias("mean_salario")
    ).select(
        F.col("window.start").alias("window_start"),
        F.col("window.end").alias("window_end"),
        "cidade",
        "records",
        "mean_salario",
    )


def session(name: str) -> SparkSession:
    """Return a session with UTC as its time zone and Parquet timestamps in microseconds."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - slow, not needed for `--help`

    spark = SparkSession.builder.appName(name).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    return spark
