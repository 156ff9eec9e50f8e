"""Values, keys and headers in the formats of a stream's output."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from gerador.encoding.batch_builder import build_record_batches
from gerador.encoding.encoded_values import EncodedValues
from gerador.encoding.formats import record_headers, schema_id_prefix, value_encoder
from gerador.encoding.keys import KeyEncoder
from gerador.encoding.partitioner import partitions_by_key
from gerador.encoding.protobuf.from_avro import derive_key_proto_file
from gerador.encoding.protobuf.proto_file import proto_text
from gerador.encoding.record_batch import set_producer_state
from gerador.encoding.records import RecordColumns, RecordHeader
from gerador.encoding.registry_schemas import key_schema, key_type
from gerador.errors import DataError
from gerador.scenario.output import ConstantHeader, FieldHeader, Output
from tests.contract.test_record_batch import read as read_batch
from tests.encoding.protoc import compiled
from tests.encoding.test_avro_encoder import read, schema_of

if TYPE_CHECKING:
    from gerador.scenario.output import KeyFormat

ID = 258
FRAME = b"\0\0\0\x01\x02"


@pytest.mark.parametrize(
    ("form", "prefix"),
    [
        ("avro", FRAME),
        ("avro-raw", b""),
        ("json", b""),
        ("json-schema", FRAME),
        ("protobuf", FRAME + b"\0"),
        ("string", b""),
    ],
)
def test_schema_id_prefix(form: Any, prefix: bytes) -> None:
    """Confluent's five bytes, and for Protobuf the index of the first message."""
    assert schema_id_prefix(form, ID) == prefix
    assert schema_id_prefix(form, None) == b""


def test_each_format_writes_its_own_value() -> None:
    """One row in every format, with its prefix before it."""
    root = schema_of(("a", "int"), ("b", ["null", "string"])).root
    rows = pa.RecordBatch.from_pydict({"a": pa.array([1], pa.int32()), "b": pa.array(["x"])})
    found = {
        form: value_encoder(root, form, b">").encode(rows)[0]  # type: ignore[arg-type]
        for form in ("avro", "avro-raw", "json", "json-schema", "protobuf")
    }
    assert found == {
        "avro": b">\x02\x02\x02x",
        "avro-raw": b">\x02\x02\x02x",
        "json": b'>{"a":1,"b":"x"}',
        "json-schema": b'>{"a":1,"b":"x"}',
        "protobuf": b">\x08\x01\x12\x01x",
    }


def keys(avro_type: Any, key_format: KeyFormat, column: pa.Array, prefix: bytes = b"") -> list[Any]:
    """Return the keys of a column, None for rows without a key."""
    schema = schema_of(("k", avro_type))
    found = KeyEncoder(key_type(schema, "k"), "k", key_format, prefix).encode(column)
    texts = list(EncodedValues.of(found))
    nulls = np.zeros(len(column), bool) if found.is_null is None else found.is_null
    return [None if null else text for null, text in zip(nulls, texts, strict=True)]


TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=12), max_size=12)


@given(TEXTS, st.sampled_from(["plain", "dictionary", "null entry"]))
def test_text_keys_in_every_format(values: list[str | None], form: str) -> None:
    """Null is no key; other values read back in their format, also as a dictionary."""
    column = pa.array(values, pa.string())
    if form == "dictionary":
        column = column.dictionary_encode()
    if form == "null entry":
        indices = pa.array([0 if v is None else i + 1 for i, v in enumerate(values)], pa.int32())
        column = pa.DictionaryArray.from_arrays(indices, pa.array([None, *values], pa.string()))
    nullable = ["null", "string"]
    as_bytes = [None if v is None else v.encode() for v in values]
    assert keys(nullable, "string", column) == as_bytes
    as_json = keys(nullable, "json", column)
    assert [None if k is None else json.loads(k) for k in as_json] == values
    avro = keys(nullable, "avro", column, FRAME)
    present = [k.removeprefix(FRAME) for k in avro if k is not None]
    expected = [{"k": v} for v in values if v is not None]
    assert read(schema_of(("k", "string")), present) == expected
    assert [k is None for k in avro] == [v is None for v in values]


def test_keys_of_other_types() -> None:
    """Integers, UUIDs and bytes can be keys in every format."""
    known = uuid.UUID(int=7)
    fixed = {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}
    column = pa.array([known.bytes], pa.binary(16))
    assert keys(fixed, "string", column) == [known.bytes]
    assert keys(fixed, "json", column) == [f'"{known}"'.encode()]
    assert keys(fixed, "avro", column) == [known.bytes]
    numbers = pa.array([-1, 300], pa.int64())
    assert keys("long", "string", numbers) == [b"-1", b"300"]
    assert keys("long", "json-schema", numbers, FRAME) == [FRAME + b"-1", FRAME + b"300"]
    assert keys("long", "avro", numbers) == [b"\x01", b"\xd8\x04"]
    assert keys("bytes", "json", pa.array([b"\xff"])) == [b'"/w=="']


def test_a_protobuf_key_is_a_message_that_the_runtime_reads() -> None:
    """The class of the derived file reads the key after the six bytes of the prefix."""
    schema = schema_of(("k", "string"))
    message = compiled(proto_text(derive_key_proto_file(key_type(schema, "k"), "k"))).message
    (key,) = keys("string", "protobuf", pa.array(["São Paulo"]), FRAME + b"\0")
    assert message.FromString(key[6:]).k == "São Paulo"
    declared = key_schema(schema, "k", "protobuf")
    assert declared is not None
    assert declared.name == "KKey"


@pytest.mark.parametrize("key_format", ["string", "avro", "json", "json-schema", "protobuf"])
def test_partitions_follow_the_key_as_it_is_sent(key_format: KeyFormat) -> None:
    """Java's partitioner hashes the serialized key, with its prefix."""
    column = pa.array([f"key {n % 50}" for n in range(200)]).dictionary_encode()
    prefix = schema_id_prefix(key_format, ID)
    schema = schema_of(("k", "string"))
    found = KeyEncoder(key_type(schema, "k"), "k", key_format, prefix).encode(column)
    sent = list(EncodedValues.of(found))
    assert all(key.startswith(prefix) for key in sent)
    expected = [(murmur2(key) & 0x7FFFFFFF) % 7 for key in sent]
    assert partitions_by_key(found, 0, 7).tolist() == expected


def test_headers_of_every_source() -> None:
    """Constants, a field as text, null for a null field, and the row index."""
    output = Output(
        headers={
            "plain": "text",
            "fixed": ConstantHeader(constant="row_index"),
            "name": FieldHeader(field="name"),
            "n": FieldHeader(field="n"),
            "row": "row_index",
        }
    )
    rows = pa.RecordBatch.from_pydict(
        {"name": pa.array(["é", None]).dictionary_encode(), "n": pa.array([-5, 7], pa.int32())}
    )
    headers = record_headers(output, rows, 10**12)
    assert written(headers) == [
        [
            ("plain", b"text"),
            ("fixed", b"row_index"),
            ("name", "é".encode()),
            ("n", b"-5"),
            ("row", b"1000000000000"),
        ],
        [
            ("plain", b"text"),
            ("fixed", b"row_index"),
            ("name", None),
            ("n", b"7"),
            ("row", b"1000000000001"),
        ],
    ]


def written(headers: list[RecordHeader]) -> list[list[tuple[str, bytes | None]]]:
    """Return the headers of two records, as aiokafka reads them from a batch."""
    times = np.zeros(2, np.int64)
    records = RecordColumns(
        times, np.zeros(2, np.int32), EncodedValues.from_list([b"a", b"b"]), headers=headers
    )
    (batch,) = build_record_batches([records])
    set_producer_state(batch, 1, 0, 0)
    return [list(record.headers) for record in read_batch(batch)]


def test_a_field_that_cannot_be_a_header() -> None:
    """The encoder checks the type of the field too."""
    rows = pa.RecordBatch.from_pydict({"x": pa.array([1.5])})
    with pytest.raises(DataError, match="double cannot be a key"):
        record_headers(Output(headers={"h": FieldHeader(field="x")}), rows, 0)
