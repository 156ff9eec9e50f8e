"""`gerador run` as people run it: exit codes, signals, what it says, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
from typing import TYPE_CHECKING

import pytest

import generator
from tests.delivery.harness import admin_of, consumed
from tests.e2e.command import SOON_S, ended, started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka_fixture import Broker

FREE = ("--port", "0")
MEMORY = ("run", "--no-kafka", *FREE)
AWAY = ("run", "--bootstrap-servers", "127.0.0.1:1", *FREE)
QUICKLY_S = 10.0
START = "2026-01-01T00:00:00Z"


def on(kafka: Broker, topic: str) -> tuple[str, ...]:
    """Return the arguments of a run on `topic`."""
    return ("run", "--bootstrap-servers", kafka.bootstrap, "--topic", topic, *FREE)


# -- what cannot be done ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (("rum",), {}, "No such command 'rum'"),
        (("run", "--rate"), {}, "'--rate' requires an argument"),
        ((*MEMORY, "--rate", "fast"), {}, "--rate=fast: a rate looks like"),
        (MEMORY, {"GERADOR_RTE": "1"}, "GERADOR_RTE is not a setting (did you mean"),
        (MEMORY, {"TAMANHO_BUFFER": "0"}, "TAMANHO_BUFFER=0: must be greater than"),
        ((*MEMORY, "--schema", "nowhere.avsc"), {}, "nowhere.avsc: cannot be read"),
        ((*MEMORY, "--key", "nme"), {}, "'nme'"),
        ((*MEMORY, "--host", "no.such.host.invalid"), {}, "'no.such.host.invalid' is not known"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], environ: dict[str, str], told: str):
    """Exit code 2, nothing on stdout, and one line on stderr that names the value."""
    done = ended(*arguments, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("gerador: ")
    assert told in line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ('{"type": "record", "name": "R", "fields": [{"name": "a", "type": "strin"}]}', "strin"),
        ('{"type": "string"}', "record"),
    ],
)
def test_a_bad_schema_is_one_line(tmp_path: Path, text: str, told: str):
    """A schema that is malformed or not supported is told with its file and what is wrong."""
    path = tmp_path / "bad.avsc"
    path.write_text(text, "utf-8")
    done = ended(*MEMORY, "--schema", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "bad.avsc" in line
    assert told in line


def test_a_port_in_use_is_one_line():
    """The line names the port and the option, and nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ended("run", "--no-kafka", "--port", str(port))
    told = f"port {port} on 127.0.0.1 is in use; choose another with --port (0: any free one)"
    assert (done.returncode, done.stderr) == (2, f"gerador: {told}\n")


async def test_fewer_partitions_than_asked_end_the_run(kafka: Broker):
    """Waiting cannot help: exit code 2, and the last line names both numbers."""
    from aiokafka.admin import NewTopic  # noqa: PLC0415 - only here is a topic made by others

    async with admin_of(kafka.bootstrap) as admin:
        await admin.create_topics([NewTopic("cmd-few", 2, 1)])
    done = await asyncio.to_thread(ended, *on(kafka, "cmd-few"), "--partitions", "5")
    assert done.returncode == 2
    assert "KAFKA_TOPIC_PARTITIONS=5: topic 'cmd-few' has 2;" in done.words[-1]
    assert "Traceback" not in done.stderr


# -- bounded runs ----------------------------------------------------------------------------


def test_a_bounded_run_ends_with_its_summary():
    """So many rows, as fast as possible: exit code 0 and a table of what became of them."""
    done = ended(*MEMORY, "--rows", "1000", "--rate", "max")
    assert (done.returncode, done.stdout) == (0, "")
    *_, heads, _, cells, _ = done.words
    assert [word.strip() for word in heads.strip("┃").split("┃")] == [
        "asked", "made", "acked", "failed", "unknown", "rate asked", "rate delivered",
    ]  # fmt: skip
    counts = [word.strip() for word in cells.strip("│").split("│")]
    assert counts[:6] == ["1,000", "1,000", "1,000", "0", "0", "max"]


def test_a_run_for_a_time_makes_the_rows_of_that_time():
    """`--for` at a rate is a number of rows, all of which are made."""
    done = ended(*MEMORY, "--for", "500ms", "--rate", "1k")
    assert done.returncode == 0
    assert [word.strip() for word in done.words[-2].strip("│").split("│")][:3] == ["500"] * 3


def test_a_summary_hides_no_digit():
    """Nine digits a column stand in a narrow window too: they are what the run was for."""
    done = ended(*MEMORY, "--rows", "123456789", "--for", "300ms", "--rate", "max", COLUMNS="80")
    assert "…" not in done.stderr
    assert "123,456,789" in done.stderr.replace("\n", "")
    assert done.returncode == 1, "the time was over before the rows"


async def test_one_recipe_by_two_commands_gives_the_same_bytes(kafka: Broker):
    """The same --seed and --start leave the same bytes in every partition."""
    held = []
    recipe = ("--seed", "21", "--start", START, "--rate", "max", "--rows", "2000")
    for topic, more in (("cmd-one", ()), ("cmd-other", ("--batch-size", "2048"))):
        done = await asyncio.to_thread(ended, *on(kafka, topic), *recipe, *more)
        assert done.returncode == 0, done.stderr
        held.append(await consumed(kafka.bootstrap, topic, 4))
    assert held[0] == held[1]
    datums = list(generator.stream("registros", seed=21, start=START, rate="max").encode(0, 2000))
    assert [value[5:] for value in held[0][3]] == [bytes(datum) for datum in datums[3::4]]


# -- signals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_endless_run_ends_when_told(kafka: Broker, number: signal.Signals):
    """One signal: what was made is acknowledged, exit code 0, within ten seconds."""
    with started(*on(kafka, f"cmd-{number.name}"), "--rate", "5k") as run:
        run.until("acked", 1000)
        done = run.interrupt(number)
    assert done.returncode == 0, done.stderr
    assert done.seconds < QUICKLY_S
    assert "Traceback" not in done.stderr
    assert "What became of the rows" in done.stderr


def test_a_second_signal_while_it_ends_does_no_harm(kafka: Broker):
    """Impatience neither hangs nor kills: the end stays the orderly one."""
    with started(*on(kafka, "cmd-twice"), "--rate", "max") as run:
        run.until("acked", 10_000)
        done = run.interrupt(signal.SIGINT, signal.SIGINT, signal.SIGTERM)
    assert done.returncode == 0, done.stderr
    assert done.seconds < QUICKLY_S
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("bound", [("--rows", "1000000"), ("--for", "1h")])
def test_a_bounded_run_that_is_interrupted_says_so(bound: tuple[str, str]):
    """What was asked for was not done: exit code 130, as shells count."""
    with started(*MEMORY, *bound, "--rate", "1k") as run:
        run.until("acked", 100)
        done = run.interrupt(signal.SIGINT)
    assert done.returncode == 130
    assert done.seconds < QUICKLY_S


@pytest.mark.parametrize("bound", [("--rows", "10"), ("--for", "1s")])
@pytest.mark.parametrize("numbers", [[signal.SIGINT], [signal.SIGTERM, signal.SIGINT]])
def test_a_bounded_run_without_a_broker_is_no_success(
    bound: tuple[str, str], numbers: list[signal.Signals]
):
    """The broker never came: degraded until interrupted, then over quickly, and not with 0."""
    with started(*AWAY, *bound, "--rate", "max") as run:
        run.until("status", "degradado")
        assert "nothing listens there" in run.get("/status")["reason"]
        done = run.interrupt(*numbers)
    assert done.returncode == 130
    assert done.seconds < QUICKLY_S
    assert "Traceback" not in done.stderr


# -- what it says ----------------------------------------------------------------------------


def test_the_api_answers_before_there_is_a_broker():
    """The process is alive and says so while it waits for Kafka."""
    with started(*AWAY) as run:
        assert run.get("/livez") == {"detail": "live"}
        assert run.get("/status")["status"] in {"iniciando", "degradado"}
        assert "detail" in run.get("/dados")


@pytest.mark.parametrize(
    ("level", "events"),
    [
        (None, {"stream begins", "stream ends"}),
        ("debug", {"stream begins", "generation finished", "stream ends"}),
        ("warning", set()),
    ],
)
def test_logs_are_json_lines_where_no_terminal_is(level: str | None, events: set[str]):
    """Each event is an object with level, time and name; the level chooses which are said."""
    environ = {} if level is None else {"GERADOR_LOG_LEVEL": level}
    done = ended(*MEMORY, "--rows", "300", "--rate", "max", "--tamanho-buffer", "100", **environ)
    assert done.returncode == 0
    assert {e["event"] for e in done.events} == events
    for event in done.events:
        assert event["level"] in {"debug", "info"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", event["timestamp"])
        assert event["stream"] == "registros"


def test_the_recipe_is_logged():
    """Seed and start that were chosen can be read from the log, to repeat the run."""
    done = ended(*MEMORY, "--rows", "10", "--rate", "max")
    (begin,) = [e for e in done.events if e["event"] == "stream begins"]
    assert isinstance(begin["seed"], int)
    assert begin["start"].endswith("+00:00")


def test_a_broker_that_is_away_is_logged_once():
    """The reason is one warning, not one for every attempt."""
    with started(*AWAY) as run:
        run.until("status", "degradado")
        run.until_said("not ready")
        done = run.interrupt(signal.SIGTERM)
    (event,) = [e for e in done.events if e["event"] == "not ready"]
    assert event["level"] == "warning"
    assert "127.0.0.1:1" in event["reason"]


def test_on_a_terminal_logs_are_for_people(kafka: Broker):
    """No JSON on a terminal: words, the panel, a progress bar, and the summary."""
    arguments = (*on(kafka, "cmd-terminal"), "--for", "1s", "--rate", "1k")
    with started(*arguments, terminal=True, TERM="xterm") as run:
        done = run.end()
    assert done.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stderr)
    assert not any(line.startswith("{") for line in plain.splitlines())
    assert re.search(r"info\s*\]\s+stream begins", plain)
    assert "Gerador is running" in plain
    assert "acknowledged" in plain
    assert "What became of the rows" in plain


def test_the_shown_recipe_makes_the_same_rows():
    """The line "same rows again" is a command that can be copied: its rows are those shown."""
    with started(*MEMORY, "--rate", "2k", "--tamanho-buffer", "20") as run:
        run.until("acked", 40)
        words = run.until_said(r"same rows again: gerador run (.*)\n").split()
        first = run.get("/status")
        done = run.interrupt(signal.SIGINT)
    assert done.returncode == 0
    with started(*MEMORY, *words, "--rows", "40") as again:
        shown = json.loads(json.dumps(again.until("seed", first["seed"])))
        assert shown == first["seed"]
        assert again.end().returncode == 0


def test_secrets_are_never_said(kafka: Broker):
    """A password and a registry's credentials stand in no line, at no level, nor in the API."""
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
    assert done.seconds < SOON_S
