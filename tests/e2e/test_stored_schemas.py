"""Schemas outlast a run: stored in the data directory, served by `gerador registry`."""

from __future__ import annotations

import asyncio
import re
import shlex
import signal
import struct
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from gerador.delivery.registry.local_registry import LocalRegistry, schema_id
from gerador.delivery.registry.schema_store import SchemaStore
from gerador.scenario.stream_spec import spec_for
from tests.delivery.kafka_harness import consumed
from tests.e2e.command import Done, ended, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kafka_fixture import Broker

RECIPE = ("--seed", "3", "--rate", "max", "--rows", "20", "--port", "0", "--page", "false")


def ran(kafka: Broker, topic: str, *more: str, **environ: str) -> Done:
    """Run twenty rows to `topic`."""
    servers = ("--bootstrap-servers", kafka.bootstrap)
    return ended("run", *servers, "--topic", topic, *RECIPE, *more, **environ)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Serve a stored schema of the subject `other-value`; yield the URL."""
    SchemaStore(tmp_path).add(LocalRegistry([("other-value", spec_for().schema)]))
    with started("registry", "--data-dir", str(tmp_path), "--port", "0") as registry:
        assert registry.process.stdout is not None
        yield registry.process.stdout.readline().decode().strip()
        done = registry.interrupt(signal.SIGTERM)
    assert done.returncode == 0
    assert "read-only: 1 subject of" in done.stderr


async def test_the_records_of_an_ended_run_are_decoded(kafka: Broker, tmp_path: Path):
    """The command that the run prints at its end serves the schema of its records."""
    done = await asyncio.to_thread(ran, kafka, "stored", "--data-dir", str(tmp_path))
    assert done.returncode == 0
    line = done.text_lines[-1]
    assert line.startswith(f"The schemas are stored in {tmp_path}/schemas.jsonl; serve them: ")
    words = shlex.split(line.partition("serve them: ")[2])
    command = words[words.index("registry") :]
    assert command[1::2] == ["--port", "--data-dir"]
    values = [v for held in (await consumed(kafka.bootstrap, "stored", 4)).values() for v in held]

    def decode() -> list[Any]:
        with started(*command) as registry:
            assert registry.process.stdout is not None
            url = registry.process.stdout.readline().decode().strip()
            assert url == f"http://127.0.0.1:{command[2]}"
            read = AvroDeserializer(SchemaRegistryClient({"url": url}))
            context = SerializationContext("stored", MessageField.VALUE)
            return [read(value, context) for value in values]

    rows = await asyncio.to_thread(decode)
    assert len(rows) == 20
    assert all(row["nome"] for row in rows)
    assert {struct.unpack_from(">bI", v) for v in values} == {(0, schema_id(spec_for().schema))}


async def test_schemas_that_are_stored_meanwhile_are_served(
    kafka: Broker, tmp_path: Path, served: str
):
    """The registry follows the file, is read-only, and has no endpoints of a run."""
    async with httpx.AsyncClient(base_url=served) as http:
        assert (await http.get("/subjects")).json() == ["other-value"]
        environ = {"GERADOR_DATA_DIR": str(tmp_path)}
        done = await asyncio.to_thread(ran, kafka, "stored-later", **environ)
        assert done.returncode == 0
        assert (await http.get("/subjects")).json() == ["other-value", "stored-later-value"]
        assert (await http.get("/mode")).json() == {"mode": "READONLY"}
        assert (await http.delete("/subjects/other-value")).status_code == 422
        assert (await http.get("/status")).status_code == 404
        SchemaStore(tmp_path).path.unlink()
        assert len((await http.get("/subjects")).json()) == 2


def test_a_run_that_cannot_store_them_says_so(kafka: Broker, tmp_path: Path):
    """The run is complete; its last line has the reason."""
    (tmp_path / "file").touch()
    done = ran(kafka, "stored-not", "--data-dir", str(tmp_path / "file"))
    assert done.returncode == 0
    assert re.fullmatch(
        r"The schemas are not stored: cannot write /.*/file/schemas\.jsonl: .+", done.text_lines[-1]
    )


def test_runs_without_a_registry_store_nothing(tmp_path: Path):
    """Rows in memory have no schemas to serve."""
    done = ended("run", "--no-kafka", *RECIPE, "--data-dir", str(tmp_path))
    assert done.returncode == 0
    assert not any("schemas are" in line for line in done.text_lines)
    assert not list(tmp_path.iterdir())
    missing = ended("registry", "--data-dir", str(tmp_path))
    assert missing.returncode == 2
    (text,) = missing.stderr.splitlines()
    assert text.startswith(f"gerador: no stored schemas in {tmp_path}: No such file")


def test_a_port_in_use_is_one_line(tmp_path: Path, served: str):
    """As in `gerador run`."""
    port = served.rpartition(":")[2]
    done = ended("registry", "--data-dir", str(tmp_path), "--port", port)
    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 is in use; choose another with --port" in done.stderr
