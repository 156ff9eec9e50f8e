"""Schemas in several files, folders and protocols: types of other files, and a choice of a type."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import fastavro
import pytest

import gerador
from gerador.avro.load import load_avro, to_avro_schema
from gerador.errors import SchemaError
from gerador.scenario.load import load_plan

if TYPE_CHECKING:
    from pathlib import Path


def record(name: str, *types: Any, **others: Any) -> dict[str, Any]:
    """Return the JSON of a record with fields f0, f1, ... of these types."""
    fields = [{"name": f"f{i}", "type": avro_type} for i, avro_type in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields, **others}


POINT = record("Pt", "double", "double", namespace="geo")
PLACE = record("geo.Place", "string", "Pt", {"type": "array", "items": "geo.Pt"})
ORDER = record("Order", "long", "geo.Place", ["null", "geo.Pt"], {"type": "geo.Kind", "doc": "x"})
KIND = {"type": "enum", "name": "Kind", "namespace": "geo", "symbols": ["A", "B"]}
PROTOCOL = {
    "protocol": "Shop",
    "namespace": "shop",
    "types": [
        {**KIND, "namespace": "shop"},
        record("Line", "string", "Kind"),
        record("Order", {"type": "array", "items": "Line"}),
        record("Failed", "string", type="error"),
    ],
    "messages": {"order": {"request": [{"name": "order", "type": "Order"}], "response": "null"}},
}


def write(folder: Path, files: dict[str, Any]) -> None:
    """Write JSON files; the suffix is .avsc where the name has no other."""
    for name, content in files.items():
        path = folder / (name if name.endswith(".avpr") else f"{name}.avsc")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


def assert_readable(schema: Any) -> None:
    """Check that fastavro decodes rows by the JSON that is registered, which is complete."""
    parsed = fastavro.parse_schema(json.loads(schema.json))
    for datum in gerador.stream("s", schema=schema, seed=1).encode(0, 20):
        data = io.BytesIO(bytes(datum))
        fastavro.schemaless_reader(data, parsed, None)
        assert data.read() == b""


def test_types_of_other_files(tmp_path: Path):
    """The last file is the schema; the others define types that it uses, in any order."""
    write(tmp_path, {"place": PLACE, "point": POINT, "kind": KIND, "order": ORDER})
    paths = [tmp_path / f"{name}.avsc" for name in ("place", "kind", "point", "order")]
    schema = load_avro(*paths)
    assert schema == load_avro(",".join(map(str, paths))) == to_avro_schema(paths)
    assert schema.name == "Order"
    place = json.loads(schema.json)["fields"][1]["type"]
    assert place["fields"][1]["type"]["name"] == "Pt"  # written once, at the first use
    assert place["fields"][2]["type"] == {"type": "array", "items": "geo.Pt"}
    assert_readable(schema)


@pytest.mark.parametrize(
    "names", [("geo.Pt", "geo.Place", "geo.Kind"), ("Pt", "Place", "Kind"),
              ("geo/Pt", "geo/Place", "geo/Kind"), ("a", "b", "c")]
)  # fmt: skip
def test_files_beside_the_schema(tmp_path: Path, names: tuple[str, ...]):
    """Types that no file defines are read from the file of their name, else from any beside."""
    write(tmp_path, {"order": ORDER, **dict(zip(names, (POINT, PLACE, KIND), strict=True))})
    (tmp_path / "other.avsc").write_text("{")  # files that are not needed may be invalid
    assert_readable(load_avro(tmp_path / "order.avsc"))


def test_folders_of_namespaces(tmp_path: Path):
    """A file in the folder of its namespace finds types of other namespaces beside that folder."""
    a, b = record("com.a.A", "com.b.B"), record("com.b.B", "int")
    write(tmp_path, {"com/a/A": a, "com/b/B": b})
    assert_readable(load_avro(tmp_path / "com/a/A.avsc"))


def test_a_folder(tmp_path: Path):
    """The schema of a folder is the type that no other one uses, or the one that is named."""
    write(tmp_path, {"x/place": PLACE, "x/y/point": POINT, "x/kind": KIND, "order": ORDER})
    assert load_avro(tmp_path).name == "Order"
    assert load_avro(f"{tmp_path}#geo.Place").name == load_avro(f"{tmp_path}#Place").name
    assert_readable(load_avro(tmp_path))
    write(tmp_path, {"extra": record("Extra", "int")})
    with pytest.raises(SchemaError, match=r"several types; choose one, as .*#NAME: Extra, Order"):
        load_avro(tmp_path)
    with pytest.raises(SchemaError, match=re.escape("no type 'Plce'; did you mean 'geo.Place'?")):
        load_avro(f"{tmp_path}#Plce")


def test_a_protocol(tmp_path: Path):
    """A protocol's types have its namespace; errors of its messages are chosen by name only."""
    file = tmp_path / "shop.avpr"
    write(tmp_path, {file.name: PROTOCOL, "empty.avpr": {"protocol": "P", "types": []}})
    schema = load_avro(file)
    assert schema.name == load_avro(f"{file}#Order").name == "shop.Order"
    assert_readable(schema)
    assert_readable(load_avro(f"{file}#shop.Line"))
    assert load_avro(f"{file}#Failed").name == "shop.Failed"
    with pytest.raises(SchemaError, match=r"empty\.avpr: defines no types; give a schema"):
        load_avro(tmp_path / "empty.avpr")


def test_types_of_a_protocol_for_a_schema(tmp_path: Path):
    """A protocol before the last source defines types, as schema files do."""
    write(
        tmp_path, {"shop.avpr": PROTOCOL, "s": record("S", {"type": "map", "values": "shop.Order"})}
    )
    assert_readable(load_avro(tmp_path / "shop.avpr", tmp_path / "s.avsc"))


def test_two_definitions_of_a_type(tmp_path: Path):
    """Equal definitions are one; different ones are an error that names the files, when used."""
    files = [tmp_path / f"{name}.avsc" for name in ("a", "b", "s", "other")]
    write(
        tmp_path, {"a": POINT, "b": POINT, "s": record("S", "geo.Pt"), "other": record("T", "int")}
    )
    assert_readable(load_avro(*files[:3]))
    write(tmp_path, {"b": {**POINT, "doc": "another"}})
    with pytest.raises(SchemaError, match=r"'geo\.Pt' is defined differently in .*a\.avsc and "):
        load_avro(*files[:3])
    assert_readable(load_avro(*files))


def test_errors_name_the_file_of_the_type(tmp_path: Path):
    """An error inside a type of another file has the path of that file."""
    write(tmp_path, {"s": record("S", "geo.Pt"), "geo.Pt": record("geo.Pt", "itn")})
    with pytest.raises(SchemaError) as error:
        load_avro(tmp_path / "s.avsc")
    where = f"{tmp_path / 'geo.Pt.avsc'}: geo.Pt: fields[0].type"
    assert str(error.value) == f"{where}: unknown type 'geo.itn'; did you mean 'int'?"


def test_annotations_of_a_reference(tmp_path: Path):
    """An annotation of a reference applies there alone, also at the first use of another file."""
    two = {"type": "geo.Kind", "arg.properties": {"options": ["B"]}}
    write(tmp_path, {"s": record("S", two, "geo.Kind"), "geo.Kind": KIND})
    schema = load_avro(tmp_path / "s.avsc")
    rows = gerador.stream("s", schema=schema, seed=1).rows(0, 200).to_pylist()
    assert {row["f0"] for row in rows} == {"B"}
    assert {row["f1"] for row in rows} == {"A", "B"}
    assert "arg.properties" not in schema.json


def test_a_reference_that_is_an_object():
    """An object with the name of a type is that type, as in Java; it is registered by its name."""
    point = {"type": "Pt", "doc": "where"}
    array = {"type": "array", "items": point}
    schema = to_avro_schema(record("S", record("Pt", "int"), point, array))
    types = [f["type"] for f in json.loads(schema.json)["fields"]]
    assert types[1:] == ["Pt", {"type": "array", "items": "Pt"}]
    assert_readable(schema)


def test_aliases_and_docs_that_are_no_names():
    """Readers ignore what is no Avro name in aliases, and any doc; both are registered as given."""
    schema = record("S", "int", aliases=["a-b", "1st", "S"], doc={"en": "x"})
    schema["fields"][0] |= {"aliases": ["f-0", "f-0"], "doc": 5}
    assert json.loads(to_avro_schema(schema).json) == schema
    assert_readable(to_avro_schema(schema))


def test_sources_of_a_scenario(tmp_path: Path):
    """`schema` takes a list; the recipe has absolute paths."""
    write(tmp_path, {"a": POINT, "s": record("S", "geo.Pt"), "shop.avpr": PROTOCOL})
    file = tmp_path / "s.yaml"
    file.write_text("streams:\n  s: {schema: [a.avsc, s.avsc]}\n  p: {schema: 'shop.avpr#Line'}\n")
    plan = load_plan(str(file), {})
    assert [stream.spec.schema.name for stream in plan.streams] == ["S", "shop.Line"]
    assert plan.scenario is not None
    sources = [stream.avro_schema for stream in plan.scenario.streams.values()]
    both = f"{tmp_path / 'a.avsc'},{tmp_path / 's.avsc'}"
    assert sources == [both, f"{tmp_path / 'shop.avpr'}#Line"]
