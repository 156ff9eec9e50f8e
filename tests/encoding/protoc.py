"""The official compiler and runtime of Protocol Buffers, to compare with."""

from __future__ import annotations

import tempfile
import uuid
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import grpc_tools
from google.protobuf import descriptor_pb2, message_factory, timestamp_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_tools import protoc

from gerador.avro.schema import Array, AvroType, Enum, Fixed, Map, Primitive, Record, Union

EXACT = Context(prec=100)


class Compiled(NamedTuple):
    """The descriptor of a file by protoc, and the class of its first message."""

    descriptor: descriptor_pb2.FileDescriptorProto
    message: Any


def compiled(text: str) -> Compiled:
    """Compile the text of a file. An error of protoc fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rows.proto").write_text(text)
        own = str(Path(grpc_tools.__file__).parent / "_proto")
        out = Path(folder, "out")
        arguments = [f"-I{folder}", f"-I{own}", f"--descriptor_set_out={out}", "rows.proto"]
        assert protoc.main(["protoc", *arguments]) == 0, text
        found = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    pool = DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(found)
    first = pool.FindFileByName("rows.proto").message_types_by_name[found.message_type[0].name]
    return Compiled(found, message_factory.GetMessageClass(first))


def plain_field(message: Any, name: str, avro_type: AvroType) -> Any:
    """Return a field of a message in the plain form of `avro_cases`."""
    match avro_type:
        case Primitive(name="null"):
            assert name not in message.DESCRIPTOR.fields_by_name
            return None
        case Union() if avro_type.null_branch is not None:
            there = message.HasField(name)
            return plain(getattr(message, name), avro_type.value) if there else None
        case Array():
            return [plain(item, avro_type.items) for item in getattr(message, name)]
        case Map():
            held = getattr(message, name)
            return {key: plain(held[key], avro_type.values) for key in held}
        case _:
            return plain(getattr(message, name), avro_type)


def plain(value: Any, avro_type: AvroType) -> Any:
    """Return a single value in its plain form."""
    match avro_type:
        case Record():
            return tuple(plain_field(value, f.name, f.type) for f in avro_type.fields)
        case Enum():
            return avro_type.symbols[value]
        case Union() if avro_type.null_branch is None:
            return _branch(value, avro_type)
        case Union() | Array() | Map():
            return plain_field(value, "value", avro_type)
        case Primitive(name="null"):
            return None
        case _:
            return _scalar(value, avro_type)


def _branch(value: Any, union: Union) -> tuple[int, Any]:
    oneofs = value.DESCRIPTOR.oneofs
    which = value.WhichOneof(oneofs[0].name) if oneofs else None
    if which is None:
        return next(i for i, b in enumerate(union.branches) if _is_null(b)), None
    at = value.DESCRIPTOR.fields_by_name[which].number - 1
    return at, plain(getattr(value, which), union.branches[at])


def _is_null(branch: AvroType) -> bool:
    return isinstance(branch, Primitive) and branch.name == "null"


def _scalar(value: Any, avro_type: Primitive | Fixed) -> Any:
    logical = avro_type.logical.name if avro_type.logical else ""
    if logical.startswith("timestamp-"):
        per_second = {"millis": 10**3, "micros": 10**6, "nanos": 10**9}[logical.partition("-")[2]]
        assert 0 <= value.nanos < 10**9
        return value.seconds * per_second + value.nanos * per_second // 10**9
    if logical == "decimal":
        assert avro_type.logical is not None
        return int(Decimal(value).scaleb(avro_type.logical.scale, EXACT))
    if logical == "duration":
        months, _, rest = value.removeprefix("P").partition("M")
        days, _, seconds = rest.partition("DT")
        return int(months), int(days), int(Decimal(seconds.removesuffix("S")) * 1000)
    if logical == "uuid" and isinstance(avro_type, Fixed):
        return uuid.UUID(value).bytes
    return value
