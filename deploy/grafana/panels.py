"""The panels of the dashboard, one function per row of panels.

They query raw metrics, so that the dashboard works without the recording rules. The JSON of panels
is in `shapes.py`.
"""

from __future__ import annotations

from typing import Final

from shapes import Json, Query, graph, heat_map, stat, state

PROCESS: Final = 'instance=~"$instance"'
STREAM: Final = f'{PROCESS}, stream=~"$stream"'
WINDOW: Final = "[$__rate_interval]"
STATES: Final = {
    "iniciando": "yellow",
    "ativo": "green",
    "pausado": "blue",
    "degradado": "orange",
    "erro": "red",
    "encerrando": "purple",
    "concluido": "blue",
}
AS_FAST_AS_POSSIBLE: Final[Json] = {
    "type": "range",
    "options": {"from": 1e300, "to": None, "result": {"index": 0, "text": "as fast as possible"}},
}


def rate(metric: str, labels: str = STREAM, by: str = "") -> str:
    """Return the summed rate of a counter."""
    return f"sum{by}(rate({metric}{{{labels}}}{WINDOW}))"


def total(metric: str, labels: str = STREAM, by: str = "") -> str:
    """Return the sum of a gauge, or of a counter since its start."""
    return f"sum{by}({metric}{{{labels}}})"


def quantile(q: float, histogram: str, labels: str = STREAM) -> str:
    """Return a quantile over all matching series."""
    return f"histogram_quantile({q}, {rate(histogram + '_bucket', labels, ' by (le) ')})"


def mean(histogram: str) -> str:
    """Return the mean of a histogram's observations."""
    return f"{rate(histogram + '_sum')} / {rate(histogram + '_count')}"


def overview() -> list[Json]:
    """Return the row at the top: state, rates, delay and lost rows."""
    target, acked = total("gerador_target_rows_per_second"), rate("gerador_records_acked_total")
    lost = f"{total('gerador_records_failed_total')} + {total('gerador_records_unknown')}"
    behind = f"max(gerador_behind_seconds{{{STREAM}}})"
    return [
        state(
            "State",
            "State in GET /status, one tile for each state of the selected instances.",
            Query(f"max by (state) (gerador_state{{{PROCESS}}} == 1)", "{{state}}"),
            STATES,
        ),
        stat(
            "Target rate",
            "Target rate in rows per second; 0 while paused.",
            "rowsps",
            Query(target, "target"),
            mappings=[AS_FAST_AS_POSSIBLE],
        ),
        stat(
            "Acknowledged",
            "Records acknowledged by the brokers per second.",
            "recps",
            Query(acked, "acknowledged"),
        ),
        stat(
            "Behind",
            "Age of the oldest row that is due and not sent yet.",
            "s",
            Query(behind, "behind"),
            steps={1: "orange", 60: "red"},
        ),
        stat(
            "Acknowledgement latency (p99)",
            "99 % of record batches are acknowledged within this time.",
            "s",
            Query(quantile(0.99, "gerador_ack_duration_seconds"), "p99"),
            steps={1: "orange", 10: "red"},
        ),
        stat(
            "Failed or unknown",
            "Rows that did not arrive, or whose outcome is unknown. Should be 0.",
            "short",
            Query(lost, "rows"),
            steps={1: "red"},
        ),
    ]


def throughput() -> list[Json]:
    """Return due, generated and acknowledged rows, and the backlog."""
    return [
        graph(
            "Rows due, generated and acknowledged",
            "A gap between due and generated means that this machine is too slow; a gap between "
            "generated and acknowledged, that the brokers are.",
            "rowsps",
            Query(rate("gerador_rows_due_total"), "due", dashed=True, color="text"),
            Query(rate("gerador_rows_made_total"), "generated", color="blue"),
            Query(rate("gerador_records_acked_total"), "acknowledged", color="green"),
        ),
        graph(
            "Behind",
            "Rows that are due and not sent yet, and the age of the oldest one. Milliseconds are "
            "the linger time of batches; a growing age means that the target rate is not reached.",
            "short",
            Query(total("gerador_rows_behind"), "rows", color="orange"),
            Query(f"max(gerador_behind_seconds{{{STREAM}}})", "age", axis="s", color="purple"),
        ),
    ]


def acknowledgements() -> list[Json]:
    """Return the latency of acknowledgements."""
    histogram = "gerador_ack_duration_seconds"
    return [
        heat_map(
            "Acknowledgement latency",
            "Record batches by the time from queuing to acknowledgement.",
            "s",
            Query(rate(f"{histogram}_bucket", by=" by (le) "), "{{le}}"),
        ),
        graph(
            "Acknowledgement latency, percentiles",
            "50, 90 and 99 % of record batches are acknowledged within this time.",
            "s",
            Query(quantile(0.5, histogram), "p50", color="green"),
            Query(quantile(0.9, histogram), "p90", color="orange"),
            Query(quantile(0.99, histogram), "p99", color="red"),
            log=True,
        ),
    ]


def network() -> list[Json]:
    """Return bytes, record batches and compression."""
    batch, rows = "gerador_record_batch_bytes", "gerador_record_batch_rows"
    compression = f"{rate('gerador_encoded_bytes_total')} / {rate('gerador_acked_bytes_total')}"
    per_record = f"{rate('gerador_acked_bytes_total')} / {rate('gerador_records_acked_total')}"
    return [
        graph(
            "Bytes acknowledged",
            "Record batches as sent, compressed if compression is on, without the overhead of "
            "requests and replication.",
            "Bps",
            Query(rate("gerador_acked_bytes_total"), "bytes"),
        ),
        graph(
            "Record batches",
            "Sizes of acknowledged record batches. Small batches at a high rate reduce "
            "throughput: see KAFKA_LINGER_MS and KAFKA_BATCH_SIZE.",
            "bytes",
            Query(mean(batch), "mean size"),
            Query(quantile(0.99, batch), "p99 size"),
            Query(mean(rows), "mean records", axis="short", dashed=True),
        ),
        graph(
            "Compression",
            "Bytes per record as sent, including its share of the batch header, and compression "
            "ratio; 1 is no compression. Undefined while no records are acknowledged.",
            "bytes",
            Query(per_record, "bytes per record"),
            Query(compression, "compression ratio", axis="none", dashed=True),
        ),
    ]


def errors() -> list[Json]:
    """Return unacknowledged and failed rows, restarts and retries."""
    by_reason = " by (reason) "
    restarts = total("gerador_producer_restarts_total", PROCESS, by_reason)
    retries = total("gerador_produce_retries_total", PROCESS, by_reason)
    return [
        graph(
            "In flight and unknown",
            "Rows that wait for an acknowledgement, and rows sent over a connection that was lost: "
            "their outcome is read from the log of the topic.",
            "short",
            Query(total("gerador_records_in_flight"), "in flight", color="blue"),
            Query(total("gerador_records_unknown"), "unknown", color="orange"),
        ),
        graph(
            "Failed rows by reason, since the start",
            "Rows that did not arrive and are not retried. Reason none is 0.",
            "short",
            Query(total("gerador_records_failed_total", by=by_reason), "{{reason}}"),
        ),
        graph(
            "Restarts and retries, since the start",
            "Producer restarts, and retries of record batches (right axis), by reason. Neither "
            "loses or duplicates rows.",
            "short",
            Query(restarts, "restart: {{reason}}"),
            Query(retries, "retry: {{reason}}", axis="short", dashed=True),
        ),
    ]


def process() -> list[Json]:
    """Return event loop lag, CPU and memory."""
    lag = "gerador_event_loop_lag_seconds"
    generation = "gerador_generation_duration_seconds_sum"
    encoding = "gerador_encode_duration_seconds_sum"
    return [
        graph(
            "Event loop lag",
            "Delay of timers in the event loop, which also delays /status, /metrics and "
            "acknowledgements.",
            "s",
            Query(quantile(0.5, lag, PROCESS), "p50", color="green"),
            Query(quantile(0.99, lag, PROCESS), "p99", color="red"),
        ),
        graph(
            "CPU",
            "100 % is one core. Generation and encoding run in worker threads and are wall time: "
            "on a busy machine more than their CPU time.",
            "percentunit",
            Query(rate("process_cpu_seconds_total", PROCESS), "process", color="text"),
            Query(rate(generation), "generation", color="blue"),
            Query(rate(encoding), "encoding", color="purple"),
        ),
        graph(
            "Memory",
            "Resident memory of the process. It does not grow with the number of rows.",
            "bytes",
            Query(f"process_resident_memory_bytes{{{PROCESS}}}", "{{instance}}"),
        ),
    ]


def one_stream() -> list[Json]:
    """Return the panels of a single stream."""
    return [
        graph(
            "$stream: due and acknowledged",
            "Rows of this stream that are due, and those that the brokers acknowledge.",
            "rowsps",
            Query(rate("gerador_rows_due_total"), "due", dashed=True, color="text"),
            Query(rate("gerador_records_acked_total"), "acknowledged", color="green"),
        ),
        graph(
            "$stream: waiting rows",
            "Rows of this stream that are behind, in flight, or whose outcome is unknown.",
            "short",
            Query(total("gerador_rows_behind"), "behind", color="orange"),
            Query(total("gerador_records_in_flight"), "in flight", color="blue"),
            Query(total("gerador_records_unknown"), "unknown", color="red"),
        ),
        graph(
            "$stream: mean durations",
            "Mean time to generate a slice of rows, to encode it, and until a batch is "
            "acknowledged.",
            "s",
            Query(mean("gerador_generation_duration_seconds"), "generation", color="blue"),
            Query(mean("gerador_encode_duration_seconds"), "encoding", color="purple"),
            Query(mean("gerador_ack_duration_seconds"), "acknowledgement", color="green"),
            log=True,
        ),
    ]
