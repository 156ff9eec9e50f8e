"""`gerador bench`: every figure that is promised, on a real broker, in one short round."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from generator.cli.bench import bench
from generator.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka_fixture import Broker

POSITIVE = {
    "make_rows_per_s",
    "datum_rows_per_s",
    "encode_rows_per_s",
    "acked_records_per_s",
    "ceiling_records_per_s",
    "of_ceiling",
    "status_p50_ms",
    "status_p99_ms",
    "rss_mb_max",
    "value_bytes",
    "record_bytes",
}
PROGRAM = [sys.executable, "-m", "generator", "bench"]


def test_one_short_round_gives_every_figure(kafka: Broker, tmp_path: Path):
    """The JSON has the promised keys; Java's are null, since nobody asked for Java."""
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


@pytest.mark.parametrize("word", ["zip", "GZIP", ""])
def test_an_unknown_codec_is_refused_with_the_known_ones(word: str):
    """The line names the option, the word, and the words there are; nothing is started."""
    with pytest.raises(SettingError) as refused:
        bench(compression_type=word)
    told = f"--compression-type={word}: must be one of none, gzip, snappy, lz4, zstd"
    assert str(refused.value) == told


@pytest.mark.parametrize(
    "arguments", [["--seconds", "0"], ["--rounds", "0"], ["--batch-size", "x"], ["--json"]]
)
def test_options_out_of_range_are_one_line(arguments: list[str]):
    """A wrong number ends with exit code 2 and one line that names the option."""
    done = subprocess.run([*PROGRAM, *arguments], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("gerador: ")
    assert arguments[0] in line
