"""What the dashboard shows, a line of panels a function, in raw metrics only.

Raw, so that the dashboard works where the recording rules are not loaded. How panels look stands
in `shapes.py`.
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
    """Return a quantile over all that match."""
    return f"histogram_quantile({q}, {rate(histogram + '_bucket', labels, ' by (le) ')})"


def mean(histogram: str) -> str:
    """Return the mean of what a histogram observed."""
    return f"{rate(histogram + '_sum')} / {rate(histogram + '_count')}"


def overview() -> list[Json]:
    """Return the line at the top, which says whether it is well."""
    asked, acked = total("gerador_asked_rows_per_second"), rate("gerador_records_acked_total")
    lost = f"{total('gerador_records_failed_total')} + {total('gerador_records_unknown')}"
    behind = f"max(gerador_behind_seconds{{{STREAM}}})"
    return [
        state(
            "State",
            "The state word of GET /status; one tile for each state that some instance is in.",
            Query(f"max by (state) (gerador_state{{{PROCESS}}} == 1)", "{{state}}"),
            STATES,
        ),
        stat(
            "Asked",
            "Rows per second that the schedules ask for now; 0 while paused.",
            "rowsps",
            Query(asked, "asked"),
            mappings=[AS_FAST_AS_POSSIBLE],
        ),
        stat(
            "Acknowledged",
            "Records per second that the brokers confirm.",
            "recps",
            Query(acked, "acknowledged"),
        ),
        stat(
            "Behind",
            "Age of the oldest row that is due and was not handed to delivery.",
            "s",
            Query(behind, "behind"),
            steps={1: "orange", 60: "red"},
        ),
        stat(
            "Acknowledged within (99 %)",
            "99 of 100 record batches are acknowledged within this time.",
            "s",
            Query(quantile(0.99, "gerador_ack_duration_seconds"), "99 %"),
            steps={1: "orange", 10: "red"},
        ),
        stat(
            "Failed or unknown",
            "Rows that did not arrive, or of which that is not known now. 0 is what it should be.",
            "short",
            Query(lost, "rows"),
            steps={1: "red"},
        ),
    ]


def flow() -> list[Json]:
    """Return what was asked against what happened."""
    return [
        graph(
            "Rows asked, made and acknowledged",
            "Where the lines part, rows wait: between asked and made for this machine, between "
            "made and acknowledged for the brokers.",
            "rowsps",
            Query(rate("gerador_rows_due_total"), "asked", dashed=True, color="text"),
            Query(rate("gerador_rows_made_total"), "made", color="blue"),
            Query(rate("gerador_records_acked_total"), "acknowledged", color="green"),
        ),
        graph(
            "Behind",
            "Rows that are due and were not handed to delivery, and the age of the oldest of them. "
            "Milliseconds are the gathering of a batch; what grows is a rate that is not kept.",
            "short",
            Query(total("gerador_rows_behind"), "rows", color="orange"),
            Query(f"max(gerador_behind_seconds{{{STREAM}}})", "age", axis="s", color="purple"),
        ),
    ]


def acknowledgements() -> list[Json]:
    """Return how long the brokers take."""
    histogram = "gerador_ack_duration_seconds"
    return [
        heat_map(
            "Time to acknowledgement",
            "Record batches by the time from handing over to the brokers' answer.",
            "s",
            Query(rate(f"{histogram}_bucket", by=" by (le) "), "{{le}}"),
        ),
        graph(
            "Time to acknowledgement, percentiles",
            "So many of 100 record batches are acknowledged within this time.",
            "s",
            Query(quantile(0.5, histogram), "50 %", color="green"),
            Query(quantile(0.9, histogram), "90 %", color="orange"),
            Query(quantile(0.99, histogram), "99 %", color="red"),
            log=True,
        ),
    ]


def wire() -> list[Json]:
    """Return what goes over the wire."""
    batch, rows = "gerador_record_batch_bytes", "gerador_record_batch_rows"
    compression = f"{rate('gerador_encoded_bytes_total')} / {rate('gerador_acked_bytes_total')}"
    per_record = f"{rate('gerador_acked_bytes_total')} / {rate('gerador_records_acked_total')}"
    return [
        graph(
            "Bytes acknowledged",
            "Record batches as they were on the wire, compressed if compression is on; without "
            "what requests and replication add.",
            "Bps",
            Query(rate("gerador_acked_bytes_total"), "bytes"),
        ),
        graph(
            "Record batches",
            "Sizes of acknowledged record batches. Small batches at a high rate cost throughput: "
            "see KAFKA_LINGER_MS and KAFKA_BATCH_SIZE.",
            "bytes",
            Query(mean(batch), "mean size"),
            Query(quantile(0.99, batch), "99 % are smaller than"),
            Query(mean(rows), "mean records", axis="short", dashed=True),
        ),
        graph(
            "Compression",
            "Bytes of a record on the wire, its share of the batch's header included; and how many "
            "times as long the batches were before compression; 1 is none. It means nothing while "
            "acknowledgements stand still.",
            "bytes",
            Query(per_record, "bytes per record"),
            Query(compression, "times smaller", axis="none", dashed=True),
        ),
    ]


def trouble() -> list[Json]:
    """Return what is uncertain, lost, or done again."""
    by_reason = " by (reason) "
    restarts = total("gerador_producer_restarts_total", PROCESS, by_reason)
    retries = total("gerador_produce_retries_total", PROCESS, by_reason)
    return [
        graph(
            "On the way",
            "Rows that await an answer, and those that were sent over a connection that broke: "
            "their fate is read from the topic's log.",
            "short",
            Query(total("gerador_records_in_flight"), "in flight", color="blue"),
            Query(total("gerador_records_unknown"), "unknown", color="orange"),
        ),
        graph(
            "Failed rows by reason, since the start",
            "Rows that did not arrive and will not be sent again. Reason none stands at 0.",
            "short",
            Query(total("gerador_records_failed_total", by=by_reason), "{{reason}}"),
        ),
        graph(
            "Restarts and retries, since the start",
            "Producers that were replaced, and batches that the client sent again, by reason. "
            "Neither loses nor repeats a row; batches sent again count on the right.",
            "short",
            Query(restarts, "replaced: {{reason}}"),
            Query(retries, "sent again: {{reason}}", axis="short", dashed=True),
        ),
    ]


def process() -> list[Json]:
    """Return what the program itself needs."""
    lag = "gerador_event_loop_lag_seconds"
    made, encoded = "gerador_generation_duration_seconds_sum", "gerador_encode_duration_seconds_sum"
    return [
        graph(
            "Event-loop lag",
            "How late the event loop wakes who asked for it: the delay that /status, /metrics and "
            "acknowledgements suffer.",
            "s",
            Query(quantile(0.5, lag, PROCESS), "50 %", color="green"),
            Query(quantile(0.99, lag, PROCESS), "99 %", color="red"),
        ),
        graph(
            "Processor",
            "100 % is one core. Making and encoding are done in worker threads, and count the time "
            "that passed: on a busy machine that is more than the processor gave.",
            "percentunit",
            Query(rate("process_cpu_seconds_total", PROCESS), "all", color="text"),
            Query(rate(made), "making rows", color="blue"),
            Query(rate(encoded), "encoding", color="purple"),
        ),
        graph(
            "Memory",
            "Resident memory of the process. It does not grow with the rows that were made.",
            "bytes",
            Query(f"process_resident_memory_bytes{{{PROCESS}}}", "{{instance}}"),
        ),
    ]


def one_stream() -> list[Json]:
    """Return the panels of a single stream."""
    return [
        graph(
            "$stream: asked and acknowledged",
            "Rows of this stream that fall due, and those that the brokers confirm.",
            "rowsps",
            Query(rate("gerador_rows_due_total"), "asked", dashed=True, color="text"),
            Query(rate("gerador_records_acked_total"), "acknowledged", color="green"),
        ),
        graph(
            "$stream: rows that wait",
            "Rows of this stream that are behind, in flight, or of unknown fate.",
            "short",
            Query(total("gerador_rows_behind"), "behind", color="orange"),
            Query(total("gerador_records_in_flight"), "in flight", color="blue"),
            Query(total("gerador_records_unknown"), "unknown", color="red"),
        ),
        graph(
            "$stream: mean times",
            "To make one slice of rows, to encode it, and until a batch of it is acknowledged.",
            "s",
            Query(mean("gerador_generation_duration_seconds"), "making", color="blue"),
            Query(mean("gerador_encode_duration_seconds"), "encoding", color="purple"),
            Query(mean("gerador_ack_duration_seconds"), "acknowledgement", color="green"),
            log=True,
        ),
    ]
