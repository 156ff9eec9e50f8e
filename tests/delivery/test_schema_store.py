"""Schemas in a file that outlasts runs: versions in order, the same ids, no line lost."""

from __future__ import annotations

import json
import multiprocessing
from typing import TYPE_CHECKING

import pytest

from gerador.delivery.registry.local_registry import LocalRegistry, schema_id
from gerador.delivery.registry.schema_store import FILE_NAME, SchemaStore
from gerador.encoding.registry_schemas import SCHEMA_TYPES, RegistrySchema, value_schema
from gerador.errors import SettingError
from tests.delivery.test_local_registry import record

if TYPE_CHECKING:
    from pathlib import Path

    from gerador.scenario.output import ValueFormat

FORMATS: tuple[ValueFormat, ...] = ("avro", "json-schema", "protobuf")


def registry(subject: str, name: str = "R", field: str = "long") -> LocalRegistry:
    """Return a registry of one subject with a schema of each type."""
    schemas = [value_schema(record(name, field), form) for form in FORMATS]
    return LocalRegistry((f"{subject}-{n}", s) for n, s in enumerate(schemas) if s is not None)


def test_every_type_is_stored_and_loaded(tmp_path: Path):
    """The loaded schemas, subjects, versions and ids are those that were added."""
    added = registry("t")
    store = SchemaStore(tmp_path / "new")
    store.add(added)
    assert list(store.load()) == list(added)
    assert {v.schema.schema_type for v in added} == set(SCHEMA_TYPES)


def test_later_runs_append_versions(tmp_path: Path):
    """A new schema of a subject is its next version; known ones add no line."""
    store = SchemaStore(tmp_path)
    store.add(registry("t"))
    content = store.path.read_bytes()
    store.add(registry("t"))
    assert store.path.read_bytes() == content
    store.add(registry("t", field="string"))
    assert store.path.read_bytes().startswith(content)
    store.add(registry("t"))
    versions = store.load().versions("t-0")
    assert [v.version for v in versions] == [1, 2]
    assert [v.id for v in versions] == [schema_id(record()), schema_id(record(field="string"))]
    assert [v.version for v in SchemaStore(tmp_path).load().versions("t-1")] == [1, 2]


def test_one_schema_under_two_subjects(tmp_path: Path):
    """Both subjects are stored, with one id."""
    schema = RegistrySchema.of(record())
    SchemaStore(tmp_path).add(LocalRegistry([("a", schema), ("b", schema)]))
    assert SchemaStore(tmp_path).load().subjects == ("a", "b")


def test_a_line_that_a_crash_has_cut_is_removed(tmp_path: Path):
    """Readers ignore it, and the next writer replaces it."""
    store = SchemaStore(tmp_path)
    store.add(registry("t"))
    content = store.path.read_bytes()
    store.path.write_bytes(content + content.splitlines(keepends=True)[0][:-9])
    assert list(store.load()) == list(registry("t"))
    store.add(registry("u"))
    assert store.load().subjects == ("t-0", "t-1", "t-2", "u-0", "u-1", "u-2")


def _add(folder: Path, number: int) -> None:
    for n in range(10):
        SchemaStore(folder).add(registry(f"p{number}-{n}", name=f"R{n}"))


def test_several_processes_share_the_file(tmp_path: Path):
    """No line is lost when runs start at the same time."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add, args=(tmp_path, n)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(SchemaStore(tmp_path).load().subjects) == 3 * 10 * len(FORMATS)


def test_without_a_file_the_message_names_the_folder(tmp_path: Path):
    """The error says which runs store schemas."""
    with pytest.raises(SettingError, match=rf"no stored schemas in {tmp_path}: .* --data-dir"):
        SchemaStore(tmp_path).load()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"subject": "s"}',
        json.dumps({"subject": "s", "schema_type": "XML", "text": "{}", "name": "n"}),
        json.dumps({"subject": "s", "schema_type": "AVRO", "text": "{", "name": "n"}),
    ],
)
def test_an_invalid_line_is_named(tmp_path: Path, line: str):
    """The error has the file and the line."""
    store = SchemaStore(tmp_path)
    store.add(registry("t"))
    with store.path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(SettingError, match=rf"{FILE_NAME}:4: not a stored schema; remove the line"):
        store.load()
