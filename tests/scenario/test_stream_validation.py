"""Validation of references between streams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gerador.avro.load import parse_avro
from gerador.errors import SettingError
from gerador.events.referenced_columns import depends_on_event_time
from gerador.scenario.stream_spec import StreamSpec
from gerador.scenario.stream_validation import lookup_errors
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.date_time import EventTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.references import ReferenceGenerator

STAMP = {"type": "long", "logicalType": "timestamp-millis"}


def stream(name: str, types: dict[str, Any], rows: int | None = None, **fields: Any) -> StreamSpec:
    """Return a stream of these fields."""
    record = {
        "type": "record",
        "name": name,
        "fields": [{"name": n, "type": t} for n, t in types.items()],
    }
    schema = parse_avro(json.dumps(record))
    return StreamSpec(name=name, topic=name, schema=schema, fields=fields, rows=rows)


CLIENTES = stream("clientes", {"id": "long", "nome": ["null", "string"], "at": STAMP}, rows=10)


@pytest.mark.parametrize(
    ("generator", "kind", "message"),
    [
        (
            ReferenceGenerator(field="cliente.id"),
            "long",
            "unknown stream 'cliente'; did you mean 'clientes'?",
        ),
        (ReferenceGenerator(field="pedidos.x"), "long", "a stream cannot reference itself"),
        (
            ReferenceGenerator(field="clientes.idd"),
            "long",
            "stream 'clientes' has no field 'idd'; did you mean 'id'?",
        ),
        (
            ReferenceGenerator(field="clientes.id.x"),
            "long",
            "stream 'clientes' has no field 'id.x'",
        ),
        (
            ReferenceGenerator(field="clientes.id"),
            "string",
            "clientes.id has type 'long' but this field has type 'string'",
        ),
        (
            ReferenceGenerator(field="clientes.id"),
            STAMP,
            "clientes.id has type 'long' but this field has type 'long (timestamp-millis)'",
        ),
        (
            ReferenceGenerator(field="clientes.nome"),
            "string",
            "clientes.nome is nullable but this field is not; make it nullable",
        ),
        (
            ReferenceGenerator(field="eventos.n"),
            "long",
            "stream 'eventos' is endless; add recent: 1000",
        ),
    ],
)
def test_reference_errors(generator: ReferenceGenerator, kind: Any, message: str):
    """Unknown names, other types, nulls and endless streams are errors."""
    pedidos = stream("pedidos", {"x": kind}, x=generator)
    ((name, error),) = lookup_errors([CLIENTES, pedidos, stream("eventos", {"n": "long"})])
    assert (name, error.path) == ("pedidos", "x")
    assert message in error.text


def test_valid_references():
    """Nullable fields can reference both; recent works on endless and bounded streams."""
    fields = {
        "a": ReferenceGenerator(field="clientes.id"),
        "b": ReferenceGenerator(field="clientes.nome", row_of="a"),
        "c": ReferenceGenerator(field="clientes.id", recent=5),
        "d": ReferenceGenerator(field="eventos.n", recent=5),
        "e": ReferenceGenerator(field="eventos.n", row_of="d"),
    }
    types = dict.fromkeys("acde", "long") | {"a": ["null", "long"], "b": ["null", "string"]}
    pedidos = stream("pedidos", {n: types[n] for n in "abcde"}, **fields)
    assert list(lookup_errors([pedidos, CLIENTES, stream("eventos", {"n": "long"})])) == []


@pytest.mark.parametrize(
    ("field", "rows", "message"),
    [
        (
            UniformDistribution(min=1, max=5, unique=True),
            5,
            "can occur in 5 rows, so no value",
        ),
        (
            RoundRobinGenerator(count=100),
            None,
            "can occur in an endless stream, so no",
        ),
        (UniformDistribution(min=1, max=6, unique=True), 5, None),
        (SequenceGenerator(), None, None),
    ],
)
def test_missing_requires_unused_values(field: Any, rows: int | None, message: str | None):
    """A share of missing values needs values that occur in no row of the stream."""
    recent = 5 if rows is None else None
    looking = stream(
        "a", {"x": "long"}, x=ReferenceGenerator(field="p.x", missing=0.1, recent=recent)
    )
    target = stream("p", {"x": "long"}, rows, x=field)
    found = [error.text for _, error in lookup_errors([looking, target])]
    assert len(found) == (message is not None)
    assert message is None or message in found[0]


def test_reference_cycle():
    """The message lists the streams of a cycle."""
    a = stream("a", {"x": "long"}, 5, x=ReferenceGenerator(field="b.x"))
    b = stream("b", {"x": "long"}, 5, x=ReferenceGenerator(field="a.x"))
    ((name, error),) = lookup_errors([a, b])
    cycle = "a -> b -> a" if name == "a" else "b -> a -> b"
    assert error.text == (f"streams reference each other in a cycle: {cycle}; remove one reference")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"b": ReferenceGenerator(field="p.b", row_of="z")}, "unknown field 'z'"),
        (
            {"b": ReferenceGenerator(field="p.b", row_of="a")},
            "field 'a' is of kind 'sequence'; expected a field of kind 'from'",
        ),
        (
            {
                "a": ReferenceGenerator(field="q.a"),
                "b": ReferenceGenerator(field="p.b", row_of="a"),
            },
            "field 'a' references stream 'q'; expected a field that references 'p'",
        ),
        (
            {
                "a": ReferenceGenerator(field="p.a"),
                "b": ReferenceGenerator(field="p.b", row_of="a", missing=0.1),
            },
            "'a' selects the row; set missing there",
        ),
        (
            {"b": ReferenceGenerator(field="p")},
            "'p' is not a stream and a field, such as customers.id",
        ),
    ],
)
def test_row_of_errors(fields: dict[str, ReferenceGenerator], message: str):
    """`row_of` names a field that references the same stream."""
    with pytest.raises(SettingError) as error:
        stream("s", {"a": "long", "b": "long"}, **{"a": SequenceGenerator(), **fields})
    assert message in str(error.value)


def test_dependence_on_event_time():
    """Event times and fields computed from them depend on the schedule; others do not."""
    from gerador.values.template import TemplateGenerator  # noqa: PLC0415

    fields = {
        "t": TemplateGenerator(text="{at}"),
        "u": TemplateGenerator(text="{n}"),
        "at": EventTimeGenerator(),
    }
    made = stream(
        "s",
        {"at": STAMP, "n": "long", "t": "string", "u": "string"},
        n=UniformDistribution(min=0, max=1),
        **fields,
    )
    assert [n for n in ("at", "n", "t", "u") if depends_on_event_time(made, n)] == ["at", "t"]
