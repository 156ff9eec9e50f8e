"""`gerador run` as a process: exit codes, signals, output and logs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

import gerador
from gerador.embedded.data_dir import DataDir
from tests.delivery.kafka_harness import admin_of, consumed
from tests.e2e.command import TIMEOUT_S, Done, ended, started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka_fixture import Broker

FREE = ("--port", "0", "--page", "false")
"""A free port and no page: NiceGUI is a third of the modules of a start."""
WITH_PAGE = ("--page", "true")
"""For runs that a signal ends: they must also end while the page is being loaded."""
MEMORY = ("run", "--no-kafka", *FREE)
AWAY = ("run", "--bootstrap-servers", "127.0.0.1:1", *FREE)
QUICKLY_S = 10.0
START = "2026-01-01T00:00:00Z"


def on(kafka: Broker, topic: str) -> tuple[str, ...]:
    """Return the arguments of a run on `topic`."""
    return ("run", "--bootstrap-servers", kafka.bootstrap, "--topic", topic, *FREE)


# -- invalid input ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        (("rum",), {}, "No such command 'rum'"),
        (("run", "--rate"), {}, "'--rate' requires an argument"),
        (MEMORY, {"GERADOR_RTE": "1"}, "unknown variable GERADOR_RTE; did you mean GERADOR_RATE?"),
        (MEMORY, {"TAMANHO_BUFFER": "0"}, "TAMANHO_BUFFER=0: must be greater than"),
        ((*MEMORY, "--schema", "nowhere.avsc"), {}, "nowhere.avsc: cannot be read"),
        ((*MEMORY, "--key", "nme"), {}, "'nme'"),
        (
            (*MEMORY, "--insecure", "--host", "no.such.invalid"),
            {},
            "'no.such.invalid' cannot be resolved",
        ),
    ],
)
def test_invalid_input_is_one_line(
    arguments: tuple[str, ...], environ: dict[str, str], message: str
):
    """Exit code 2, nothing on stdout, and one line on stderr that names the value."""
    done = ended(*arguments, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("gerador: ")
    assert message in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ('{"type": "record", "name": "R", "fields": [{"name": "a", "type": "strin"}]}', "strin"),
        ('{"type": "strin"}', "strin"),
    ],
)
def test_an_invalid_schema_is_one_line(tmp_path: Path, text: str, message: str):
    """The error names the file of a malformed or unsupported schema."""
    path = tmp_path / "bad.avsc"
    path.write_text(text, "utf-8")
    done = ended(*MEMORY, "--schema", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "bad.avsc" in line
    assert message in line


def test_a_port_in_use_is_one_line():
    """The error names the port and the option."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ended("run", "--no-kafka", "--port", str(port))
    message = f"port {port} on 127.0.0.1 is in use; choose another with --port (0: any free port)"
    assert (done.returncode, done.stderr) == (2, f"gerador: {message}\n")


def test_a_data_directory_in_use_is_one_line(tmp_path: Path):
    """A second `--embedded` ends before a stream prepares: one line, no log event."""
    held = DataDir(tmp_path / "kafka")
    held.lock()
    try:
        done = ended("run", "--embedded", "--data-dir", str(tmp_path), *FREE)
    finally:
        held.unlock()
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"in use by process {os.getpid()}; stop that process, use another directory" in line
    assert line.endswith("or produce to its Kafka (--bootstrap-servers)")


def test_streams_that_never_started_do_not_stop():
    """A run that is stopped while brokers are away logs no `stream stopped`."""
    with started(*AWAY) as run:
        run.until("status", "degradado")
        done = run.interrupt(signal.SIGINT)
    assert {event["event"] for event in done.events} == {"stream preparing", "not ready"}


async def test_a_topic_with_too_few_partitions_ends_the_run(kafka: Broker):
    """Exit code 2, and the last line names both numbers."""
    from aiokafka.admin import NewTopic  # noqa: PLC0415 - used here only

    async with admin_of(kafka.bootstrap) as admin:
        await admin.create_topics([NewTopic("cmd-few", 2, 1)])
    done = await asyncio.to_thread(ended, *on(kafka, "cmd-few"), "--partitions", "5")
    assert done.returncode == 2
    assert "KAFKA_TOPIC_PARTITIONS=5: topic 'cmd-few' has 2 partition" in done.text_lines[-1]
    assert "Traceback" not in done.stderr


# -- bounded runs ----------------------------------------------------------------------------


def summary(done: Done) -> dict[str, str]:
    """Return the cells of the delivery summary by name."""
    cells = [line.strip("│ ").split("│") for line in done.text_lines if line.startswith("│")]
    return {name.strip(): text.strip() for name, text in (row for row in cells if len(row) == 2)}


def test_a_bounded_run_ends_with_its_summary():
    """A bounded run as fast as possible: exit code 0 and the delivery summary."""
    done = ended(*MEMORY, "--rows", "1000", "--rate", "max")
    assert (done.returncode, done.stdout) == (0, "")
    shown = summary(done)
    assert shown.pop("delivered rate").endswith("/s")
    assert shown == {
        "requested": "1,000",
        "generated": "1,000",
        "acknowledged": "1,000",
        "failed": "0",
        "unknown": "0",
        "target rate": "max",
    }


def test_a_run_with_a_duration_generates_all_its_rows():
    """`--for` with a rate is a number of rows."""
    done = ended(*MEMORY, "--for", "500ms", "--rate", "1k")
    assert done.returncode == 0
    assert [summary(done)[name] for name in ("requested", "generated", "acknowledged")] == [
        "500"
    ] * 3
    assert summary(done)["target rate"] == "1,000/s"


async def test_two_commands_with_one_recipe_write_the_same_bytes(kafka: Broker):
    """The same --seed and --start give the same bytes in every partition."""
    held = []
    recipe = ("--seed", "21", "--start", START, "--rate", "max", "--rows", "2000")
    for topic, more in (("cmd-one", ()), ("cmd-other", ("--batch-size", "2048"))):
        done = await asyncio.to_thread(ended, *on(kafka, topic), *recipe, *more)
        assert done.returncode == 0, done.stderr
        held.append(await consumed(kafka.bootstrap, topic, 4))
    assert held[0] == held[1]
    datums = list(gerador.stream("registros", seed=21, start=START, rate="max").encode(0, 2000))
    assert [value[5:] for value in held[0][3]] == [bytes(datum) for datum in datums[3::4]]


# -- signals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_endless_run(kafka: Broker, number: signal.Signals):
    """Generated rows are acknowledged; exit code 0 within ten seconds."""
    with started(*on(kafka, f"cmd-{number.name}"), *WITH_PAGE, "--rate", "5k") as run:
        run.until("acked", 1000)
        done = run.interrupt(number)
    assert done.returncode == 0, done.stderr
    assert done.seconds < QUICKLY_S
    assert "Traceback" not in done.stderr
    assert "Delivery summary" in done.stderr


def test_more_signals_during_the_shutdown_have_no_effect(kafka: Broker):
    """The shutdown completes in order, with exit code 0."""
    with started(*on(kafka, "cmd-twice"), *WITH_PAGE, "--rate", "max") as run:
        run.until("acked", 10_000)
        done = run.interrupt(signal.SIGINT, signal.SIGINT, signal.SIGTERM)
    assert done.returncode == 0, done.stderr
    assert done.seconds < QUICKLY_S
    assert "Traceback" not in done.stderr


def test_an_interrupted_bounded_run_exits_with_130():
    """The bound was not reached."""
    with started(*MEMORY, *WITH_PAGE, "--for", "1h", "--rate", "max") as run:
        run.until("acked", 100)
        done = run.interrupt(signal.SIGINT)
    assert done.returncode == 130
    assert done.seconds < QUICKLY_S


@pytest.mark.parametrize(
    ("bound", "numbers"),
    [
        (("--rows", "10"), [signal.SIGINT]),
        (("--for", "1s"), [signal.SIGTERM, signal.SIGINT]),
    ],
)
def test_a_bounded_run_without_a_broker_fails(
    bound: tuple[str, str], numbers: list[signal.Signals]
):
    """It is degraded until it is interrupted, and then ends quickly with 130.

    The API answers meanwhile, and the reason is logged once, not for every attempt.
    """
    with started(*AWAY, *bound, "--rate", "max") as run:
        run.until("status", "degradado")
        assert "connection refused" in run.get("/status")["reason"]
        assert "detail" in run.get("/dados")
        run.until_printed("not ready")
        done = run.interrupt(*numbers)
    assert done.returncode == 130
    assert done.seconds < QUICKLY_S
    assert "Traceback" not in done.stderr
    (event,) = [e for e in done.events if e["event"] == "not ready"]
    assert (event["level"], event["topic"]) == ("warning", "registros")
    assert event["reason"].startswith("127.0.0.1:1: ")


# -- output and logs ----------------------------------------------------------------------------


def test_the_api_answers_before_there_is_a_broker():
    """The API is live soon after the start, while the run waits for Kafka."""
    with started(*AWAY) as run:
        assert run.get("/livez") == {"detail": "live"}
        assert time.monotonic() - run.start_s < QUICKLY_S
        assert run.get("/status")["status"] in {"iniciando", "degradado"}


@pytest.mark.parametrize(
    ("level", "events"),
    [
        (None, {"stream preparing", "stream started", "stream stopped"}),
        (
            "debug",
            {"stream preparing", "stream started", "generation finished", "stream stopped"},
        ),
        ("warning", set()),
    ],
)
def test_logs_are_json_lines_without_a_terminal(level: str | None, events: set[str]):
    """Each event is an object with level, timestamp and event; the level selects events."""
    environ = {} if level is None else {"GERADOR_LOG_LEVEL": level}
    done = ended(*MEMORY, "--rows", "300", "--rate", "max", "--buffer-size", "100", **environ)
    assert done.returncode == 0
    assert {e["event"] for e in done.events} == events
    for event in done.events:
        assert event["level"] in {"debug", "info"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", event["timestamp"])
        assert event["stream"] == "registros"
    for begin in [e for e in done.events if e["event"] == "stream started"]:
        assert isinstance(begin["seed"], int), "a run without --seed must be reproducible"
        assert begin["start"].endswith("+00:00")


def test_logs_are_text_on_a_terminal(kafka: Broker):
    """Text, the panel, a progress bar and the delivery summary, without JSON."""
    arguments = (*on(kafka, "cmd-terminal"), "--for", "1s", "--rate", "1k")
    with started(*arguments, terminal=True, TERM="xterm") as run:
        done = run.end()
    assert done.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stderr)
    assert not any(line.startswith("{") for line in plain.splitlines())
    assert re.search(r"info\s*\]\s+stream started", plain)
    assert re.search(r"[\r\n]\S+Z \[info\s*\] stream stopped", plain)  # not behind the bar
    assert "Gerador is running" in plain
    assert "acknowledged" in plain
    assert "Delivery summary" in plain


async def test_the_reproducing_command_writes_the_same_rows(kafka: Broker):
    """The command after "Reproduce:" can be copied and run."""
    ours = (*on(kafka, "cmd-recipe"), "--rate", "2k", "--key", "cidade")

    def shown() -> list[str]:
        with started(*ours) as run:
            run.until("acked", 100)
            words = shlex.split(run.until_printed(r"Reproduce: .* run (.*)\n"))
            assert run.interrupt(signal.SIGINT).returncode == 0
        return words

    words = await asyncio.to_thread(shown)
    again = (*on(kafka, "cmd-unused"), *words, "--topic", "cmd-again", "--rows", "100")
    assert (await asyncio.to_thread(ended, *again)).returncode == 0
    first = await consumed(kafka.bootstrap, "cmd-recipe", 4)
    second = await consumed(kafka.bootstrap, "cmd-again", 4)
    assert sum(map(len, second.values())) == 100
    assert all(first[p][: len(values)] == values for p, values in second.items())


def test_secrets_are_never_shown(kafka: Broker):
    """Passwords and credentials are in no log line of any level, and not in the API."""
    environ = {
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_USERNAME": "ana",
        "KAFKA_SASL_PASSWORD": "hunter2",
        "SCHEMA_REGISTRY_URL": "http://127.0.0.1:1",
        "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO": "ana:hunter2",
        "GERADOR_LOG_LEVEL": "debug",
    }
    with started(*on(kafka, "cmd-secret"), **environ) as run:
        run.until("status", "degradado")
        shown = json.dumps(run.get("/status"))
        done = run.interrupt(signal.SIGINT)
    assert "hunter2" not in shown + done.stderr + done.stdout
    assert done.seconds < TIMEOUT_S
