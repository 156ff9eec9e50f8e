"""The Compose stack end to end: start, records, metrics, broker restart, SIGTERM.

The tests run in order; each depends on the state of the stack after the previous one.
"""

from __future__ import annotations

import json
import subprocess
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

import gerador
from tests.stack.composed import Stack, ask, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient
    from docker.models.containers import Container

pytestmark = pytest.mark.timeout(600)

PARTITIONS: Final = 3
ROWS: Final = 200
INTERVAL_S: Final = 0.2
SEED: Final = 42
PREFIX_BYTES: Final = 5
"""Confluent's: a zero, and the schema's id in four bytes, the highest first."""
SETTINGS: Final = {
    "TAMANHO_BUFFER": str(ROWS),
    "INTERVALO_GERACAO": str(INTERVAL_S),
    "KAFKA_TOPIC_PARTITIONS": str(PARTITIONS),
    "GERADOR_SEED": str(SEED),
}
DRAIN_S_MAX: Final = 10.0
UP_S: Final = 240.0


@pytest.fixture(scope="module")
def stack(image: str, report: list[str]) -> Iterator[Stack]:  # noqa: ARG001 - has it built
    """Give the stack, up and healthy; end it and remove its volumes afterwards."""
    stack = Stack(SETTINGS)
    stack.compose("down", "--volumes", "--remove-orphans")
    began_s = time.monotonic()
    try:
        with subprocess.Popen(
            stack.command("up", "--wait", "--no-build"),
            env=stack.environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as coming:  # fmt: skip
            first_s = until("acknowledged", lambda: ended(coming) or acked(stack), UP_S)
            output = coming.communicate(timeout=UP_S)[0]
        assert coming.returncode == 0, output + stack.compose("logs", "--tail", "40")
        report.append(f"compose up to the first acknowledged record: {first_s:.1f} s")
        report.append(f"compose up --wait: {time.monotonic() - began_s:.1f} s")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "5")


@pytest.fixture
def made_by(engine: DockerClient, stack: Stack) -> Container:
    """Give the generator's container."""
    return engine.containers.get(stack.container("generator"))


def test_it_generates(stack: Stack, made_by: Container) -> None:
    """The generator is active on the topic of the stack, healthy, and no user's process."""
    until("ativo", lambda: stack.status().get("status") == "ativo")
    assert stack.status()["topic"] == "registros"
    until("healthy", lambda: health(made_by) == "healthy")
    assert made_by.exec_run(["id", "-u"]).output == b"10001\n"


async def test_the_topic_fills_with_the_rows_of_the_recipe(stack: Stack) -> None:
    """Records read from this machine equal the rows regenerated from seed and start."""
    until("a generation", lambda: stack.status()["acked"] >= ROWS)
    got = await values(stack)
    assert set(remade(stack.status()["start"], ROWS)) <= {value[PREFIX_BYTES:] for value in got}


async def test_the_registry_knows_the_schema_of_the_records(stack: Stack) -> None:
    """Records begin with Confluent's prefix, whose id is the stream's schema in the registry."""
    (prefix,) = {value[:PREFIX_BYTES] for value in await values(stack)}
    assert prefix[0] == 0
    path = f"/schemas/ids/{int.from_bytes(prefix[1:])}"
    schema = json.loads(ask(stack.url("REGISTRY_PORT", path)).json["schema"])
    assert [field["name"] for field in schema["fields"]][:2] == ["nome", "idade"]


def test_prometheus_sees_it(stack: Stack) -> None:
    """The target of the compose network is up, and the acknowledged records are counted there."""
    until("up", lambda: measured(stack, 'up{job="gerador"}') == 1)
    until("counted", lambda: measured(stack, "sum(gerador_records_acked_total)") > 0)


def test_jobs_wait_for_the_topic(stack: Stack) -> None:
    """The service that the profiles' jobs depend on completes when the generator is ready."""
    stack.compose("--profile", "flink", "run", "--rm", "--no-deps", "topic")


def test_the_other_pages_answer(stack: Stack) -> None:
    """Console and Grafana are reachable on their ports."""
    assert ask(stack.url("CONSOLE_PORT", "/")).status == 200
    assert ask(stack.url("GRAFANA_PORT", "/api/health")).status == 200


def test_a_killed_broker_is_survived(stack: Stack, made_by: Container, report: list[str]) -> None:
    """While it is away the container lives, degraded and unready; back, nothing is missing."""
    before = stack.status()["acked"]
    stack.compose("kill", "--signal", "SIGKILL", "redpanda")
    until("degradado", lambda: stack.status()["status"] == "degradado")
    assert stack.status()["reason"]
    assert ask(stack.url("API_PORT", "/readyz")).status == 503
    assert ask(stack.url("API_PORT", "/livez")).status == 200
    assert health(made_by) == "healthy"
    began_s = time.monotonic()
    stack.compose("start", "redpanda")
    until("ativo", lambda: stack.status()["status"] == "ativo")
    until("on", lambda: stack.status()["acked"] > before and stack.status()["behind"] < 2 * ROWS)
    report.append(
        f"killed broker started again, caught up after {time.monotonic() - began_s:.1f} s"
    )
    after = stack.status()
    assert (after["failed"], after["unknown"]) == (0, 0)


async def test_sigterm_drains(stack: Stack, made_by: Container, report: list[str]) -> None:
    """SIGTERM ends it with 0 in time; the topic then holds every row once, and no other."""
    start = stack.status()["start"]
    began_s = time.monotonic()
    stack.compose("kill", "--signal", "SIGTERM", "generator")
    code = made_by.wait(timeout=30)["StatusCode"]
    took_s = time.monotonic() - began_s
    report.append(f"SIGTERM to the end: {took_s:.1f} s, exit code {code}")
    assert code == 0, made_by.logs(tail=20).decode()
    assert took_s < DRAIN_S_MAX
    kept = [value[PREFIX_BYTES:] for value in await values(stack)]
    report.append(f"rows in the topic at the end: {len(kept)}")
    assert sorted(kept) == sorted(remade(start, len(kept)))
    assert last_word(made_by)["acked"] == len(kept)


def remade(start: str, rows: int) -> list[bytes]:
    """Return the datums of the first rows, regenerated here."""
    stream = gerador.stream(seed=SEED, start=start, generation_rows=ROWS, interval_s=INTERVAL_S)
    datums = stream.encode(0, rows)
    return [datums[i] for i in range(rows)]


async def values(stack: Stack) -> list[bytes]:
    """Return what the topic holds now, read from outside of the compose network."""
    bootstrap = f"127.0.0.1:{stack.ports['KAFKA_PORT']}"
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        partitions = [TopicPartition("registros", n) for n in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, 0)
        found: list[bytes] = []
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            batches = await consumer.getmany(timeout_ms=1000)
            found += [record.value for some in batches.values() for record in some]
        return found


def ended(process: subprocess.Popen[str]) -> bool:
    """Return whether a command failed within its timeout."""
    return process.poll() not in {None, 0}


def acked(stack: Stack) -> int:
    """Return how many records are acknowledged."""
    return int(stack.status().get("acked", 0))


def health(container: Container) -> str:
    """Return the result of Docker's health check."""
    container.reload()
    return str(container.attrs["State"]["Health"]["Status"])


def last_word(container: Container) -> dict[str, Any]:
    """Return the logged end of the stream."""
    lines = [line for line in container.logs().decode().splitlines() if line.startswith("{")]
    return [event for event in map(json.loads, lines) if event["event"] == "stream stopped"][-1]


def measured(stack: Stack, expression: str) -> float:
    """Return what Prometheus answers; 0 when it knows nothing yet."""
    path = "/api/v1/query?" + urlencode({"query": expression})
    answer = ask(stack.url("PROMETHEUS_PORT", path))
    found = answer.json["data"]["result"] if answer.status == HTTPStatus.OK else []
    return float(found[0]["value"][1]) if found else 0.0
