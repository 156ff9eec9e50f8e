"""From the nested values of a file to declarations by field path, and to an Avro schema.

A schema is derived from what is declared, never from rows. Holds no Arrow and runs no SQL: the
types of expressions and of other streams' fields are asked of whoever knows them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from gerador.errors import SchemaError
from gerador.scenario.avro import parse_avro
from gerador.scenario.file.derived_types import NAMESPACE, ValueTypes
from gerador.scenario.file.named import named_once
from gerador.scenario.file.said_types import pascal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.avro import AvroSchema, Field
    from gerador.scenario.file.derived_types import Types
    from gerador.scenario.file.flatten import Flat
    from gerador.scenario.file.text import Path
    from gerador.scenario.file.values import Value


class Deriving:
    """The derivation of one stream's schema."""

    def __init__(self, stream: str, types: Types, flat: Flat) -> None:
        self._stream = stream
        self._flat = flat
        self._types = ValueTypes(types, flat)

    def schema(
        self, fields: Mapping[str, Value], hidden: Mapping[str, Value], loc: Path, doc: str | None
    ) -> tuple[AvroSchema, tuple[Field, ...]] | None:
        """Return the schema of the stream's rows and their hidden fields; None: faults were noted.

        `loc` is the stream's place in the file.
        """
        self._refuse_docs(hidden, loc)
        for name in hidden.keys() & fields.keys():
            self._flat.faults.append(
                ((*loc, "let", name), f"{name!r} is a field as well; rename it")
            )
        places = dict.fromkeys(hidden, (*loc, "let")) | dict.fromkeys(fields, (*loc, "fields"))
        made = self._types.of_row({**hidden, **fields}, places)
        if self._flat.faults:
            return None
        try:
            sent = self._record([f for f in made if f["name"] in fields], doc)
            whole = self._record(made, doc)
        except SchemaError as e:
            self._flat.faults.append(self._placed(str(e), [f["name"] for f in made], places, loc))
            return None
        return sent, tuple(f for f in whole.root.fields if f.name in hidden)

    def hidden(
        self, hidden: Mapping[str, Value], schema: AvroSchema, loc: Path
    ) -> tuple[Field, ...]:
        """Return the hidden fields beside those of a schema that is given."""
        self._refuse_docs(hidden, loc)
        given = json.loads(schema.json)["fields"]
        made = self._types.of_row(hidden, dict.fromkeys(hidden, (*loc, "let")), given)
        return () if self._flat.faults or not made else self._record(made, None).root.fields

    def _refuse_docs(self, hidden: Mapping[str, Value], loc: Path) -> None:
        for name, value in hidden.items():
            if value.doc is not None:
                at = (*loc, "let", name, value.kind, "doc")
                self._flat.faults.append((at, "what is not sent has no doc; make it a comment"))

    def _placed(
        self, text: str, names: list[str], places: Mapping[str, Path], loc: Path
    ) -> tuple[Path, str]:
        """Return where the parser's complaint belongs, and the complaint without its way there."""
        found = re.search(r"fields\[(\d+)\]\S*: (.*)", text)
        if found is None:
            return loc, text
        name = names[int(found[1])]
        return (*places[name], name), found[2]

    def _record(self, fields: list[dict[str, Any]], doc: str | None) -> AvroSchema:
        record = {
            "type": "record",
            "name": pascal(self._stream),
            "namespace": NAMESPACE,
            **({"doc": doc} if doc else {}),
            "fields": named_once(fields),
        }
        return parse_avro(json.dumps(record, ensure_ascii=False), source=f"stream {self._stream!r}")
