"""`gerador bench`: all results of one short round."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from confluent_kafka.admin import AdminClient
from rich.console import Console

from gerador.cli import bench_with_broker
from gerador.delivery.kafka.connection import Connection
from gerador.limits import BLOCK_ROWS
from gerador.scenario.gallery import packaged_schema_path

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.test_main import Gerador
    from tests.kafka_fixture import Broker

POSITIVE = {
    "generate_rows_per_s",
    "encode_rows_per_s",
    "batch_rows_per_s",
    "acked_records_per_s",
    "max_records_per_s",
    "of_max",
    "status_p50_ms",
    "status_p99_ms",
    "rss_mb_max",
    "value_bytes",
    "record_bytes",
}
PROGRAM = [sys.executable, "-m", "gerador", "bench"]


def test_one_short_round_has_all_results(kafka: Broker, tmp_path: Path):
    """The JSON has the documented keys; those of Java are null without --against-java."""
    file = tmp_path / "figures.json"
    done = subprocess.run(
        [*PROGRAM, "--seconds", "1", "--rounds", "1", "--partitions", "2",
         "--bootstrap-servers", kafka.bootstrap, "--json", str(file)],
        check=False, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text("utf-8"))
    assert figures.keys() == POSITIVE | {"java_records_per_s", "of_java", "lost"}
    assert all(figures[key] > 0 for key in POSITIVE)
    assert figures["java_records_per_s"] is figures["of_java"] is None
    assert figures["lost"] == 0
    assert f"{figures['acked_records_per_s']:,.0f} records/s" in done.stdout
    assert "Java" not in done.stdout
    assert not {t for t in topics(kafka.bootstrap) if t.startswith("gerador-bench-")}


def topics(bootstrap: str) -> set[str]:
    """Return the names of a broker's topics."""
    return set(AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10).topics)


def test_topics_that_cannot_be_deleted_are_named(capsys: pytest.CaptureFixture[str]):
    """Without a broker, one line names the topics and the reason."""
    unreachable = Connection(bootstrap_servers="127.0.0.1:1", request_timeout_ms=500)
    asyncio.run(bench_with_broker._delete_topics(Console(stderr=True, width=300), unreachable))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        "cannot delete the topics gerador-bench-maximum, gerador-bench-end-to-end,"
    )
    assert "Unable to bootstrap" in line


@pytest.mark.parametrize("codec", ["zip", "GZIP", ""])
def test_an_unknown_codec_is_rejected(gerador: Gerador, codec: str):
    """The error names the option, the value and the valid codecs; nothing is started."""
    done = gerador("bench", "--compression-type", codec)
    names = "none, gzip, snappy, lz4, zstd"
    message = f"gerador: --compression-type={codec}: expected one of {names}\n"
    assert done == (2, "", message)


@pytest.mark.parametrize(
    "arguments", [["--seconds", "0"], ["--rounds", "0"], ["--batch-size", "x"], ["--json"]]
)
def test_options_out_of_range_are_one_line(arguments: list[str]):
    """An invalid number is one line that names the option, with exit code 2."""
    done = subprocess.run([*PROGRAM, *arguments], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("gerador: ")
    assert arguments[0] in line


SHOP = """\
streams:
  clientes:
    topic: {partitions: 2, key: id}
    rows: 500
    fields:
      id: uuid
  pedidos:
    topic: {partitions: 3, key: cliente}
    rate: 300/s
    fields:
      cliente: {from: clientes.id}
      valor: {uniform: {min: 1, max: 9}}
      dobro: {sql: "valor * 2"}
    let:
      sorte: {boolean: 5%}
  pagamentos:
    rate: {sine: {from: 50/s, to: 150/s, period: 10s}}
    fields:
      valor: {from: pedidos.valor, recent: 100}
"""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure few rows."""
    monkeypatch.setattr("gerador.bench.scenario_throughput.ROWS_ALONE", BLOCK_ROWS)
    monkeypatch.setattr("gerador.bench.scenario_throughput.ROWS_INTERLEAVED", 2 * BLOCK_ROWS)
    monkeypatch.setattr("gerador.bench.field_costs.BLOCKS", 1)


@pytest.mark.usefixtures("short")
def test_a_scenario_is_measured_stream_by_stream_and_together(gerador: Gerador, tmp_path: Path):
    """Streams have shares by their rates; fields and keys have costs; all have speeds."""
    scenario, figures = tmp_path / "loja.yaml", tmp_path / "figures.json"
    scenario.write_text(SHOP, "utf-8")
    done = gerador("bench", "--scenario", str(scenario), "--rounds", "1", "--json", str(figures))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(figures.read_text("utf-8"))
    streams = {stream["name"]: stream for stream in found["streams"]}
    assert {n: s["share"] for n, s in streams.items()} == {
        "clientes": 0, "pedidos": 0.75, "pagamentos": 0.25,
    }  # fmt: skip
    fields = {n: [f["name"] for f in s["fields"]] for n, s in streams.items()}
    assert {n: sorted(names) for n, names in fields.items()} == {
        "clientes": ["(key)", "id"],
        "pedidos": ["(key)", "cliente", "dobro", "sorte", "valor"],
        "pagamentos": ["valor"],
    }
    for stream in streams.values():
        assert sum(f["share"] for f in stream["fields"]) == pytest.approx(1)
        assert stream["record_bytes"] > stream["value_bytes"] > 0
    for measured in (found, *streams.values()):
        assert all(measured["speeds"][stage] > 0 for stage in ("generated", "encoded", "batched"))
    assert all(f"│ {name} " in done.stdout for name in (*streams, "all"))


@pytest.mark.usefixtures("short")
def test_a_schema_is_measured_as_one_stream(gerador: Gerador, tmp_path: Path):
    """The stream has the name of the record and all rows."""
    figures = tmp_path / "figures.json"
    schema = str(packaged_schema_path("usuarios_anotado.avsc"))
    done = gerador("bench", "--schema", schema, "--rounds", "1", "--json", str(figures))
    assert (done.returncode, done.stderr) == (0, "")
    (stream,) = json.loads(figures.read_text("utf-8"))["streams"]
    assert (stream["name"], stream["share"]) == ("Usuario", 1)
    assert "│ all " not in done.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "streams: {a: {fields: {x: {uniforme: 1}}}}",
            "unknown generator 'uniforme'; did you mean",
        ),
        ("streams: {a: {fields: {x: {from: b.y}}}}", "'b'"),
        ("streams: [", "torto.yaml:1:11: invalid YAML"),
    ],
)
def test_an_invalid_scenario_is_one_line(gerador: Gerador, tmp_path: Path, text: str, message: str):
    """Nothing is measured; the exit code is 2."""
    scenario = tmp_path / "torto.yaml"
    scenario.write_text(text, "utf-8")
    done = gerador("bench", "--scenario", str(scenario))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("gerador: ")
    assert message in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--schema", "x.avsc"], "--schema cannot be combined with --scenario; remove one of them"),
        (
            ["--seconds", "3"],
            "--seconds cannot be combined with --scenario or --schema; remove one of them",
        ),
        (
            ["--compression-type", "lz4"],
            "--compression-type cannot be combined with --scenario or --schema; remove one of them",
        ),
        (
            ["--against-java"],
            "--against-java cannot be combined with --scenario or --schema; remove one of them",
        ),
    ],
)
def test_options_of_the_broker_benchmark_are_rejected(
    gerador: Gerador, arguments: list[str], message: str
):
    """No option is silently ignored; the error names it."""
    done = gerador("bench", "--scenario", "default", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"gerador: {message}\n")
