"""The topic of the default stream as Spark rows, and its aggregate per city and minute.

What stream.py and batch.py share. The schema is the registry's; nothing here repeats it. Needs
Python's own library and Spark, no registry client.
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
"""Confluent's framing: a zero, then the schema's id in four bytes, most significant first."""


class Schema(NamedTuple):
    """A schema of the registry: the id that stands in the records, and its JSON."""

    id: int
    json: str


def parser(description: str) -> argparse.ArgumentParser:
    """Return the options that every job has; the environment gives their defaults."""
    options = argparse.ArgumentParser(description=description)
    for name, env, default, what in (
        ("--bootstrap-servers", "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092", "the brokers"),
        ("--registry", "SCHEMA_REGISTRY_URL", "http://127.0.0.1:8000", "the schema registry"),
        ("--topic", "GERADOR_TOPIC", "registros", "the topic"),
        ("--output", "SPARK_OUTPUT", ".gerador/spark/per_city_minute", "folder of the Parquet"),
    ):
        value = os.environ.get(env) or default
        options.add_argument(name, default=value, help=f"{what} (env {env}, now {value})")
    options.add_argument(
        "--wait-s", type=float, default=60.0, help="longest wait for the schema, in seconds"
    )
    return options


def schema_of(registry: str, topic: str, wait_s: float) -> Schema:
    """Return the newest schema of the topic's values, waiting until the registry has it.

    Exits with one line when it has none after `wait_s`.
    """
    url = f"{registry.rstrip('/')}/subjects/{topic}-value/versions/latest"
    end_s = time.monotonic() + wait_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=REGISTRY_TIMEOUT_S) as answer:  # noqa: S310
                found = json.load(answer)
            return Schema(found["id"], found["schema"])
        except OSError as refused:  # not there yet, or the generator has not registered it yet
            if time.monotonic() > end_s:
                raise SystemExit(f"{url}: {refused}; is the generator running?") from refused
        time.sleep(RETRY_S)


def source_options(bootstrap_servers: str, topic: str) -> dict[str, str]:
    """Return the options of the Kafka source, for a stream and for a batch: from the beginning."""
    return {
        "kafka.bootstrap.servers": bootstrap_servers,
        "subscribe": topic,
        "startingOffsets": "earliest",
    }


def decoded(records: DataFrame, schema: Schema) -> DataFrame:
    """Return Kafka's records as rows of the schema; records with another schema's id are left out.

    `from_avro` knows no header: given the whole value it would decode the prefix as the first
    field. FAILFAST, because the other mode makes nulls of what does not fit.
    """
    prefix = f"00{schema.id:08X}"
    datum = F.expr(f"substring(value, {PREFIX_BYTES + 1})")
    row = from_avro(datum, schema.json, {"mode": "FAILFAST"})
    ours = records.where(f"substring(value, 1, {PREFIX_BYTES}) = X'{prefix}'")
    return ours.select(row.alias("row")).select("row.*")


def per_city_minute(rows: DataFrame) -> DataFrame:
    """Return how many records and which mean salary each city has in each minute of event time.

    In a stream the watermark says when a minute is over; a batch has no use for it.
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
    """Return the session: it shows times in UTC, and writes them as other readers expect them."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - `--help` shall not wait for it

    spark = SparkSession.builder.appName(name).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    return spark
