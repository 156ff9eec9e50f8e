"""A Structured Streaming job: aggregates the topic per city and minute, and writes Parquet.

In append mode a window is written once, when the watermark has passed its end. The last windows of
a stopped stream are therefore missing; batch.py writes all windows.
"""

from __future__ import annotations

import signal
import sys

import registros
from py4j.protocol import Py4JError, Py4JJavaError


def main() -> None:
    """Run until stopped, or with --available-now until the present records are processed."""
    parser = registros.parser(__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", help="checkpoint location (default: OUTPUT.checkpoint)")
    parser.add_argument(
        "--available-now", action="store_true", help="process the present records and stop"
    )
    parser.add_argument("--trigger", default="10 seconds", help="interval between micro-batches")
    parser.add_argument("--batch-records", type=int, help="maximum records per micro-batch")
    options = parser.parse_args()
    schema = registros.latest_schema(options.registry, options.topic, options.wait_s)

    spark = registros.session("registros-per-city-minute")
    source = registros.source_options(options.bootstrap_servers, options.topic)
    if options.batch_records is not None:
        source["maxOffsetsPerTrigger"] = str(options.batch_records)
    records = spark.readStream.format("kafka").options(**source).load()
    windows = registros.per_city_minute(registros.decode(records, schema))
    writer = (
        windows.writeStream.format("parquet").outputMode("append").option("path", options.output)
    )
    writer = writer.option(
        "checkpointLocation", options.checkpoint or f"{options.output}.checkpoint"
    )
    trigger = (
        {"availableNow": True} if options.available_now else {"processingTime": options.trigger}
    )
    query = writer.trigger(**trigger).start()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # safe: the checkpoint has the progress
    try:
        query.awaitTermination()
    except Py4JError as error:
        if isinstance(error, Py4JJavaError):
            raise
        sys.stderr.write("stopped; the next start continues from the checkpoint\n")


if __name__ == "__main__":
    main()
