"""What is wrong about streams that look at one another, all of it, by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gerador.avro.load import parse_avro
from gerador.errors import SettingError
from gerador.events.lookup_columns import depends_on_event_time
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
    ("declared", "kind", "said"),
    [
        (
            ReferenceGenerator(field="cliente.id"),
            "long",
            "no stream 'cliente'; did you mean 'clientes'?",
        ),
        (ReferenceGenerator(field="pedidos.x"), "long", "a stream cannot look at itself"),
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
            "clientes.id is 'long' and this field 'string'",
        ),
        (
            ReferenceGenerator(field="clientes.id"),
            STAMP,
            "clientes.id is 'long' and this field 'long (timestamp-millis)'",
        ),
        (
            ReferenceGenerator(field="clientes.nome"),
            "string",
            "clientes.nome may be null; make this field nullable",
        ),
        (
            ReferenceGenerator(field="eventos.n"),
            "long",
            "stream 'eventos' is endless; add recent: 1000",
        ),
    ],
)
def test_each_complaint_says_where_and_the_way_out(
    declared: ReferenceGenerator, kind: Any, said: str
):
    """Unknown names, other types, nulls and ends are complained about, one line each."""
    pedidos = stream("pedidos", {"x": kind}, x=declared)
    (found,) = lookup_errors([CLIENTES, pedidos, stream("eventos", {"n": "long"})])
    assert (found.stream, found.path) == ("pedidos", "x")
    assert said in found.text


def test_what_fits_has_no_complaints():
    """Nullable fields take either, an endless stream its recent rows, a bounded one too."""
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
    ("field", "rows", "said"),
    [
        (UniformDistribution(min=1, max=5, unique=True), 5, "has no values beyond those of 5 rows"),
        (RoundRobinGenerator(of=100), None, "has no values beyond those of an endless stream"),
        (UniformDistribution(min=1, max=6, unique=True), 5, None),
        (SequenceGenerator(), None, None),
    ],
)
def test_a_share_can_miss_only_where_there_are_other_values(
    field: Any, rows: int | None, said: str | None
):
    """Where every value is one of a row that is sent, nothing could ever miss."""
    recent = 5 if rows is None else None
    looking = stream(
        "a", {"x": "long"}, x=ReferenceGenerator(field="p.x", missing=0.1, recent=recent)
    )
    found = [
        each.text for each in lookup_errors([looking, stream("p", {"x": "long"}, rows, x=field)])
    ]
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_circles_are_named():
    """Streams that look at one another in a circle are told with the way around."""
    a = stream("a", {"x": "long"}, 5, x=ReferenceGenerator(field="b.x"))
    b = stream("b", {"x": "long"}, 5, x=ReferenceGenerator(field="a.x"))
    (found,) = lookup_errors([a, b])
    assert found.text == (
        "'a' refers to 'b' refers to 'a': streams in a circle; cut it"
        if found.stream == "a"
        else "'b' refers to 'a' refers to 'b': streams in a circle; cut it"
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"b": ReferenceGenerator(field="p.b", row_of="z")}, "no field 'z'"),
        (
            {"b": ReferenceGenerator(field="p.b", row_of="a")},
            "field 'a' is of kind 'sequence'; name one of kind 'from'",
        ),
        (
            {
                "a": ReferenceGenerator(field="q.a"),
                "b": ReferenceGenerator(field="p.b", row_of="a"),
            },
            "field 'a' looks at stream 'q' and this one at 'p'",
        ),
        (
            {
                "a": ReferenceGenerator(field="p.a"),
                "b": ReferenceGenerator(field="p.b", row_of="a", missing=0.1),
            },
            "the row is that of 'a'; say missing there",
        ),
        (
            {"b": ReferenceGenerator(field="p")},
            "'p'; give a stream and its field, such as clientes.id",
        ),
    ],
)
def test_rows_of_other_fields_must_be_there(fields: dict[str, ReferenceGenerator], said: str):
    """`row_of` names a field that looks at the same stream, and says nothing twice."""
    with pytest.raises(SettingError) as refused:
        stream("s", {"a": "long", "b": "long"}, **{"a": SequenceGenerator(), **fields})
    assert said in str(refused.value)


def test_which_fields_go_by_time():
    """Event times, and what is made from them, change with the schedule; others do not."""
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
