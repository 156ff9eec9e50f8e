"""The schemas of all runs, in a file that outlasts them: one JSON object per line, in order.

Like the topic of Confluent's registry, the file is only appended to. The order of the lines of a
subject is that of its versions; ids are computed from the schemas (`local_registry.schema_id`).
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from gerador.delivery.registry.local_registry import LocalRegistry
from gerador.encoding.registry_schemas import RegistrySchema, SchemaType
from gerador.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO


FILE_NAME: Final = "schemas.jsonl"


class _Line(BaseModel):
    """A stored version: its subject, and the fields of `RegistrySchema`."""

    model_config = ConfigDict(extra="forbid")

    subject: str
    schema_type: SchemaType
    text: str
    name: str
    serialized: str | None = None

    def schema_of_subject(self) -> tuple[str, RegistrySchema]:
        """Return the subject and the schema."""
        schema = RegistrySchema(self.schema_type, self.text, self.name, self.serialized)
        return self.subject, schema


class SchemaStore:
    """The stored schemas of the data directory `folder`. Several processes may use it."""

    def __init__(self, folder: Path) -> None:
        self.path: Final = folder / FILE_NAME

    def add(self, registry: LocalRegistry) -> None:
        """Append the versions of `registry` that are not stored, and wait until they are on disk.

        A line that a crash has cut is removed. Cost: reads the file.

        Raises OSError: the file cannot be written. SettingError, SchemaError: as `load`.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file, _locked(file, fcntl.LOCK_EX):
            file.seek(0)
            complete = _complete_lines(file.read())
            known = _registry(complete, self.path)
            new = [v for v in registry if all(v.id != k.id for k in known.versions(v.subject))]
            file.truncate(len(complete))
            file.write(b"".join(_line(v.subject, v.schema) for v in new))
            file.flush()
            os.fsync(file.fileno())

    def load(self) -> LocalRegistry:
        """Return the stored schemas.

        Raises SettingError: nothing is stored, or a line is invalid; it is named. SchemaError: as
        `LocalRegistry`.
        """
        try:
            with self.path.open("rb") as file, _locked(file, fcntl.LOCK_SH):
                stored = _complete_lines(file.read())
        except OSError as error:
            raise SettingError(
                f"no stored schemas in {self.path.parent}: {error.strerror}; a run to Kafka "
                "without SCHEMA_REGISTRY_URL stores them in its --data-dir"
            ) from error
        return _registry(stored, self.path)


@contextmanager
def _locked(file: BinaryIO, how: int) -> Iterator[None]:
    """Lock the file during the block; waits for other processes, which hold it for milliseconds."""
    fcntl.flock(file, how)
    yield
    fcntl.flock(file, fcntl.LOCK_UN)


def _complete_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _line(subject: str, schema: RegistrySchema) -> bytes:
    line = _Line(
        subject=subject, schema_type=schema.schema_type, text=schema.text, name=schema.name,
        serialized=schema.serialized,
    )  # fmt: skip
    return line.model_dump_json(exclude_none=True).encode() + b"\n"


def _registry(lines: bytes, path: Path) -> LocalRegistry:
    return LocalRegistry(_schemas(lines.splitlines(), path))


def _schemas(lines: Iterable[bytes], path: Path) -> Iterator[tuple[str, RegistrySchema]]:
    for number, line in enumerate(lines, 1):
        try:
            stored = _Line.model_validate_json(line)
            if stored.schema_type != "PROTOBUF":
                json.loads(stored.text)
        except (ValidationError, ValueError) as error:
            raise SettingError(
                f"{path}:{number}: not a stored schema; remove the line, or the file"
            ) from error
        yield stored.schema_of_subject()
