"""`gerador sample --check-portable`: a line for each field that Flink and Spark do not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def portable_report(schema: Path | None) -> tuple[list[str], bool]:
    """Return what to say of a schema (None: the default stream's), and whether all travels.

    Raises SchemaError: the schema cannot be read.
    """
    from gerador.scenario.avro import load_avro  # noqa: PLC0415 - `--help` shall not wait for it
    from gerador.scenario.default import default_stream  # noqa: PLC0415
    from gerador.scenario.portable import cautions  # noqa: PLC0415

    avro = default_stream().schema if schema is None else load_avro(schema)
    found = [str(caution) for caution in cautions(avro.root)]
    if found:
        return found, False
    return [f"{avro.name}: every field travels to Flink and to Spark as what it is"], True
