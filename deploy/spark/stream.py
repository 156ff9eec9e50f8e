"""A Structured Streaming job: the topic, aggregated per city and minute, to Parquet.

In append mode: a window is written once, when the watermark has passed its end. The last windows
of a stream that has stopped are therefore held back; batch.py gives them all.
"""

from __future__ import annotations

import signal
import sys

import registros
from py4j.protocol import Py4JError, Py4JJavaError


def main() -> None:
    """Run until it is stopped, or with --available-now until what is there is read."""
    options = registros.parser(__doc__.splitlines()[0])
    options.add_argument("--checkpoint", help="folder of the progress; OUTPUT.checkpoint if absent")
    options.add_argument("--available-now", action="store_true", help="read what is there, and end")
    options.add_argument("--trigger", default="10 seconds", help="pause between two micro-batches")
    options.add_argument("--batch-records", type=int, help="most records of a micro-batch")
    asked = options.parse_args()
    schema = registros.schema_of(asked.registry, asked.topic, asked.wait_s)

    spark = registros.session("registros-per-city-minute")
    source = registros.source_options(asked.bootstrap_servers, asked.topic)
    if asked.batch_records is not None:
        source["maxOffsetsPerTrigger"] = str(asked.batch_records)
    records = spark.readStream.format("kafka").options(**source).load()
    windows = registros.per_city_minute(registros.decoded(records, schema))
    writer = windows.writeStream.format("parquet").outputMode("append").option("path", asked.output)
    writer = writer.option("checkpointLocation", asked.checkpoint or f"{asked.output}.checkpoint")
    pace = {"availableNow": True} if asked.available_now else {"processingTime": asked.trigger}
    query = writer.trigger(**pace).start()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the checkpoint makes any end a good one
    try:
        query.awaitTermination()
    except Py4JError as gone:
        if isinstance(gone, Py4JJavaError):
            raise
        sys.stderr.write("stopped; started again, it goes on from its checkpoint\n")


if __name__ == "__main__":
    main()
