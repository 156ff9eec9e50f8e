"""References: values of rows of another stream, preferred rows, missing rows."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest

from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.errors import SettingError
from gerador.events.referenced_columns import LookupColumns
from gerador.events.stream_set import StreamSet
from gerador.limits import BLOCK_ROWS
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.values.counters import SequenceGenerator
from gerador.values.date_time import EventTimeGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.never_sent_rows import UNSENT_ROW_FIRST, UNSENT_ROW_FIRST_INT32, UNSENT_ROWS
from gerador.values.references import (
    BLOCKS_LOADED_MAX,
    DICTIONARY_ROWS_MAX,
    ReferenceGenerator,
)
from gerador.values.template import TemplateGenerator
from gerador.values.uuids import UuidGenerator
from tests.values.generated_rows import assert_share
from tests.values.generated_streams import (
    BOUNDARY,
    STAMP,
    START_NS,
    assert_any_cut,
    columns,
    spec,
    tables,
)

ENUM = {"type": "enum", "name": "Uf", "symbols": ["SP", "RJ", "MG"]}
PLACE = {"type": "record", "name": "Place", "fields": [{"name": "city", "type": "string"}]}
PARENT = {
    "id": "long", "nome": "string", "uf": ENUM, "at": STAMP, "place": PLACE, "raw": "bytes",
    "tags": {"type": "array", "items": "string"}, "any": ["int", "string"],
    "maybe": ["null", "double"], "money": {
        "type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
}  # fmt: skip
FIELDS = {"id": SequenceGenerator(start=0), "nome": FakerGenerator(provider="name", pool_rows=99)}


def parent(rows: int | None = 500) -> Any:
    """Return a stream whose row n has the id n."""
    return spec("p", PARENT, FIELDS, rows=rows)


def child(types: dict[str, Any] | None = None, **fields: ReferenceGenerator) -> Any:
    """Return a stream that references `p`."""
    return spec("c", types or {name: PARENT[name] for name in fields}, fields)


def test_values_of_every_type_are_those_of_the_row():
    """Fields of any type have the value of the row, of bounded and endless streams."""
    for rows, recent in ((500, None), (None, 300)):
        fields = {n: ReferenceGenerator(field=f"p.{n}", row_of="id", null=None) for n in PARENT}
        fields["id"] = ReferenceGenerator(field="p.id", recent=recent)
        fields["maybe"] = ReferenceGenerator(field="p.maybe", row_of="id", null=0.0)
        made = tables(parent(rows), child(**fields), rows_per_s=1_000)
        whole = made.rows_of("p").rows(0, 1_000).to_pylist()
        referenced = made.rows_of("c").rows(0, 800)
        referenced.validate(full=True)
        for row in referenced.to_pylist():
            assert row == whole[row["id"]]


def test_referenced_values_are_encoded_like_others():
    """Chunks with dictionaries encode to the same datums as plain rows."""
    fields = {n: ReferenceGenerator(field=f"p.{n}", row_of="id") for n in PARENT}
    fields |= {
        "id": ReferenceGenerator(field="p.id"),
        "maybe": ReferenceGenerator(field="p.maybe", row_of="id"),
    }
    made = tables(parent(), child(**fields)).rows_of("c")
    encoder = AvroRowEncoder(made.spec.schema.root)
    plain = [bytes(d) for d in encoder.encode(made.rows(0, 200))]
    assert [bytes(d) for t in made.chunks(0, 200) for d in encoder.encode(t.columns)] == plain


def test_texts_of_a_small_stream_share_a_dictionary():
    """Blocks share the entries, which are encoded once; texts of large streams are plain."""
    made = tables(parent(), child(nome=ReferenceGenerator(field="p.nome"))).rows_of("c")
    chunks = list(made.chunks(0, 2 * BOUNDARY))
    first, second = (t.columns.column("nome").dictionary.buffers()[2].address for t in chunks)
    assert first == second
    large = tables(parent(DICTIONARY_ROWS_MAX), child(nome=ReferenceGenerator(field="p.nome")))
    assert next(large.rows_of("c").chunks(0, 1)).columns.column("nome").type == pa.string()


def test_rows_are_equally_likely():
    """By default all rows of the stream are equally likely."""
    ids = columns(tables(parent(10), child(id=ReferenceGenerator(field="p.id"))), "c", 0, 20_000)[
        "id"
    ]
    assert set(ids) == set(range(10))
    for n in range(10):
        assert_share(ids.count(n), len(ids), 0.1)


def test_skew_prefers_earlier_rows():
    """The probability of row k (from 1) is proportional to k ** -zipf."""
    declared = ReferenceGenerator(field="p.id", skew={"zipf": 1.2})
    ids = columns(tables(parent(100), child(id=declared)), "c", 0, 20_000)["id"]
    total = math.fsum(k**-1.2 for k in range(1, 101))
    for n in (0, 1, 5, 50):
        assert_share(ids.count(n), len(ids), (n + 1) ** -1.2 / total)


def test_missing_rows_have_their_share():
    """The declared share references rows that are never sent."""
    declared = ReferenceGenerator(field="p.id", missing=0.05)
    ids = columns(tables(parent(10), child(id=declared)), "c", 0, 20_000)["id"]
    misses = [n for n in ids if n >= 10]
    assert_share(len(misses), len(ids), 0.05)
    assert max(misses) < 10 + UNSENT_ROWS


def test_no_row_is_missing_by_default():
    """Every value joins by default."""
    ids = columns(tables(parent(10), child(id=ReferenceGenerator(field="p.id"))), "c", 0, 20_000)[
        "id"
    ]
    assert max(ids) < 10


@pytest.mark.parametrize("rows", [None, 150])
def test_recent_rows_are_due_by_event_time(rows: int | None):
    """Rows are never ahead of event time, and no further back than `recent`."""
    fields = {"at": EventTimeGenerator(), "id": ReferenceGenerator(field="p.id", recent=50)}
    fields["then"] = ReferenceGenerator(field="p.at", row_of="id")
    made = tables(parent(rows), child({"at": STAMP, "id": "long", "then": STAMP}, **fields))
    found = columns(made, "c", 0, 5_000)
    for n, (at, i, then) in enumerate(zip(*found.values(), strict=True)):
        assert then <= at
        assert min(n, (rows or n + 1) - 1) - 50 < i <= n
    assert_share(sum(i == n for n, i in enumerate(found["id"][:150])), 150, 0.06)


def test_recent_rows_are_equally_likely_and_skew_prefers_the_newest():
    """Ranks from the latest row on have their probabilities."""
    fields = {"id": ReferenceGenerator(field="p.id", recent=4)}
    fields["maybe"] = ReferenceGenerator(field="p.id", recent=4, skew={"zipf": 2})
    made = tables(parent(None), child({"id": "long", "maybe": "long"}, **fields))
    found = columns(made, "c", 100, 20_000)
    back = {name: [n - i for n, i in enumerate(ids, 100)] for name, ids in found.items()}
    total = math.fsum(k**-2 for k in range(1, 5))
    for rank in range(4):
        assert_share(back["id"].count(rank), len(back["id"]), 0.25)
        assert_share(back["maybe"].count(rank), len(back["id"]), (rank + 1) ** -2 / total)


def test_before_the_first_row():
    """A nullable field is null; another one has the value of the first row."""
    types = {"id": "long", "maybe": ["null", "long"]}
    fields = {n: ReferenceGenerator(field="p.id", recent=5) for n in types}
    fields["maybe"] = ReferenceGenerator(field="p.id", recent=5, null=0.0)
    early = Schedule.starting(START_NS, constant_rate(1_000))
    late = Schedule.starting(START_NS + 100_000_000, constant_rate(1_000))
    made = tables(parent(None), child(types, **fields))
    made.reschedule("c", early)
    made.reschedule("p", late)
    found = columns(made, "c", 0, 200)
    assert found["id"][:100] == [0] * 100
    assert found["maybe"][:100] == [None] * 100
    assert found["maybe"][100] == 0
    assert None not in found["maybe"][100:]


def test_missing_rows_of_an_endless_stream_are_never_due():
    """Their indices are beyond all rows that the stream can send."""
    fields = {"id": ReferenceGenerator(field="p.id", recent=50, missing=0.1)}
    fields["nome"] = ReferenceGenerator(field="p.nome", row_of="id")
    made = tables(spec("p", {"id": "long", "nome": "string"}, FIELDS), child(**fields))
    found = columns(made, "c", 0, 5_000)
    misses = [i for i in found["id"] if i >= UNSENT_ROW_FIRST]
    assert_share(len(misses), 5_000, 0.1)
    assert None not in found["nome"]


def test_items_of_arrays_have_their_own_rows():
    """Each item of an array references a row, with all fields of the item."""
    item = {"type": "record", "name": "I", "fields": [{"name": "id", "type": "long"}]}
    item["fields"].append({"name": "nome", "type": "string"})
    fields = {
        "l[].id": ReferenceGenerator(field="p.id"),
        "l[].nome": ReferenceGenerator(field="p.nome", row_of="id"),
    }
    made = tables(parent(), spec("c", {"l": {"type": "array", "items": item}}, fields))
    names = columns(made, "p", 0, 500)["nome"]
    items = [i for row in columns(made, "c", 0, 200)["l"] for i in row]
    assert all(i["nome"] == names[i["id"]] for i in items)
    assert len({i["id"] for i in items}) > 100


@pytest.mark.parametrize("recent", [None, 40])
def test_references_are_the_same_in_any_cut(recent: int | None):
    """Any cut gives the same rows."""
    fields = {"id": ReferenceGenerator(field="p.id", recent=recent, missing=0.1)}
    fields["nome"] = ReferenceGenerator(field="p.nome", row_of="id")
    assert_any_cut(parent(), child(**fields), name="c")


def test_references_do_not_depend_on_other_fields():
    """Another reference to the same stream changes nothing."""
    one = columns(tables(parent(), child(id=ReferenceGenerator(field="p.id"))), "c", 0, 300)["id"]
    two = child(nome=ReferenceGenerator(field="p.nome"), id=ReferenceGenerator(field="p.id"))
    assert columns(tables(parent(), two), "c", 0, 300)["id"] == one


def test_fields_of_records_can_be_referenced():
    """A path can enter records."""
    made = tables(
        parent(), child({"city": "string"}, city=ReferenceGenerator(field="p.place.city"))
    )
    cities = {row["place"]["city"] for row in made.rows_of("p").rows(0, 500).to_pylist()}
    assert set(columns(made, "c", 0, 300)["city"]) <= cities


def test_references_to_references():
    """A referenced field can be a reference to a third stream."""
    middle = spec(
        "m",
        {"who": "long", "n": "long"},
        {"who": ReferenceGenerator(field="p.id"), "n": SequenceGenerator()},
        rows=50,
    )
    leaf = spec(
        "leaf",
        {"n": "long", "who": "long"},
        {
            "n": ReferenceGenerator(field="m.n"),
            "who": ReferenceGenerator(field="m.who", row_of="n"),
        },
    )
    made = tables(leaf, parent(), middle)
    who = columns(made, "m", 0, 50)["who"]
    found = columns(made, "leaf", 0, 200)
    assert found["who"] == [who[n] for n in found["n"]]
    assert made.dependents("p") == {"m", "leaf"}


def test_memory_of_lookup_columns_is_limited(monkeypatch: pytest.MonkeyPatch):
    """Memory is estimated before, and rejected above the limit with a solution."""
    made = tables(parent(10_000), child(id=ReferenceGenerator(field="p.id")))
    assert 8 * 10_000 <= made.lookup_bytes("p") <= 8 * 20_000
    assert made.lookup_bytes("c") == 0
    recent = tables(parent(None), child(id=ReferenceGenerator(field="p.id", recent=50_000)))
    assert recent.lookup_bytes("p") >= 8 * 50_000
    monkeypatch.setattr("gerador.events.referenced_columns.LOOKUP_COLUMN_BYTES_MAX", 100_000)
    with pytest.raises(SettingError, match=r"references to 'id' in 100,000 rows .* recent"):
        tables(parent(100_000), child(id=ReferenceGenerator(field="p.id"))).rows_of("c")


def test_a_schedule_change_of_the_parent():
    """Blocks that reference rows after a change are generated again."""
    fields = {"id": ReferenceGenerator(field="p.id", recent=1)}
    made = tables(parent(None), child(**fields))
    before = columns(made, "c", 0, 2_000)["id"]
    schedule = made.rows_of("p").schedule
    made.reschedule(
        "p", schedule.with_rate_from(1_000, START_NS + 1_000_000_000, constant_rate(10))
    )
    after = columns(made, "c", 0, 2_000)["id"]
    assert after[:1_000] == before[:1_000]
    assert max(after) < 1_020 < max(before)


def test_event_times_of_the_parent_follow_its_schedule():
    """Cached event times are dropped when the schedule changes."""
    made = tables(parent(10), child({"at": STAMP}, at=ReferenceGenerator(field="p.at")))
    before = set(columns(made, "c", 0, 99)["at"])
    made.reschedule("p", Schedule.starting(START_NS, constant_rate(1)))
    times = set(columns(made, "p", 0, 10)["at"])
    assert set(columns(made, "c", 0, 99)["at"]) == times != before


def test_streams_are_created_once_and_cycles_are_rejected():
    """The same name returns the same rows; cycles of streams are rejected."""
    made = tables(parent())
    assert made.rows_of("p") is made.rows_of("p")
    with pytest.raises(SettingError, match=r"unknown stream 'pp'; did you mean 'p'\?"):
        made.rows_of("pp")
    a = spec("a", {"x": "long"}, {"x": ReferenceGenerator(field="b.x")}, rows=5)
    b = spec("b", {"x": "long"}, {"x": ReferenceGenerator(field="a.x")}, rows=5)
    with pytest.raises(SettingError, match="in a cycle: a -> b -> a; remove one"):
        tables(a, b).rows_of("a")


def test_endless_streams_need_recent():
    """A reference to an endless stream requires `recent`."""
    with pytest.raises(SettingError, match=r"stream 'p' is endless; add recent: 1000"):
        tables(parent(None), child(id=ReferenceGenerator(field="p.id"))).rows_of("c")


def test_templates_read_references():
    """Other fields can read referenced values."""
    fields = {"nome": ReferenceGenerator(field="p.nome"), "t": TemplateGenerator(text="<{nome}>")}
    made = tables(parent(), spec("c", {"nome": "string", "t": "string"}, fields))
    found = columns(made, "c", 0, 99)
    assert found["t"] == [f"<{n}>" for n in found["nome"]]


def test_uuids_join():
    """Random keys join too."""
    p = spec("p", {"id": "string"}, {"id": UuidGenerator()}, rows=20)
    made = tables(p, child({"id": "string"}, id=ReferenceGenerator(field="p.id")))
    assert set(columns(made, "c", 0, 500)["id"]) == set(columns(made, "p", 0, 20)["id"])


def test_missing_rows_have_unused_values():
    """Missing rows have the few unique values that no sent row has."""
    ids = UniformDistribution(min=1, max=1_003, unique=True)
    parents = spec("p", {"id": "long"}, {"id": ids}, rows=1_000)
    made = tables(parents, child(id=ReferenceGenerator(field="p.id", missing=0.5)))
    known = set(columns(made, "p", 0, 1_000)["id"])
    found = columns(made, "c", 0, 2_000)["id"]
    assert_share(sum(i not in known for i in found), 2_000, 0.5)
    assert set(found) - known == set(range(1, 1_004)) - known


def test_missing_rows_of_streams_with_32_bit_integers():
    """Sequences of 32 bits, at any depth, have values for rows that are never sent."""
    inner = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "int"}]}
    parents = spec("p", {"r": inner}, {"r.n": SequenceGenerator(start=0)})
    made = tables(
        parents, child({"id": "int"}, id=ReferenceGenerator(field="p.r.n", recent=9, missing=0.5))
    )
    misses = [i for i in columns(made, "c", 0, 1_000)["id"] if i > 10_000]
    assert_share(len(misses), 1_000, 0.5)
    assert min(misses) >= UNSENT_ROW_FIRST_INT32


def test_rows_in_many_blocks_are_loaded_a_few_blocks_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
):
    """A slow stream that references a fast one loads few of its blocks at a time."""
    held: list[int] = []
    blocks = LookupColumns.blocks

    def counting_blocks(
        self: LookupColumns, path: str, indices: Any, schedule: Any
    ) -> list[pa.Array]:
        found = blocks(self, path, indices, schedule)
        held.append(len(found))
        return found

    monkeypatch.setattr(LookupColumns, "blocks", counting_blocks)
    streams = (parent(None), child(id=ReferenceGenerator(field="p.id", recent=10, missing=0.1)))
    fast = Schedule.starting(START_NS, constant_rate(10_000.0))
    slow = Schedule.starting(START_NS, constant_rate(100.0))
    made = StreamSet(streams, 1, {"p": fast, "c": slow}).rows_of("c")
    ids = made.rows(0, BLOCK_ROWS).column("id").to_numpy()
    due = fast.rows_by(slow.event_time_ms(0, BLOCK_ROWS))
    found = ids < UNSENT_ROW_FIRST
    assert ((due - 10 <= ids) & (ids < due))[found & (due > 10)].all()
    assert len(held) > 1
    assert max(held) <= BLOCKS_LOADED_MAX


def test_a_schedule_change_during_a_block_does_not_affect_it(
    monkeypatch: pytest.MonkeyPatch,
):
    """A block uses the schedule that it saw first."""
    streams = (parent(None), child(at=ReferenceGenerator(field="p.at", recent=10)))
    fast = Schedule.starting(START_NS, constant_rate(500.0))
    made = StreamSet(streams, 1, {"p": fast, "c": fast})
    expected = made.rows_of("c").rows(0, 100).to_pylist()
    made.rows_of("c").reschedule(
        Schedule.starting(START_NS, constant_rate(500.0))
    )  # drops the cached blocks
    rows_by = Schedule.rows_by

    def change_schedule(self: Schedule, event_ms: Any) -> Any:
        due = rows_by(self, event_ms)
        made.reschedule("p", fast.with_rate_from(1, START_NS, constant_rate(0.001)))
        return due

    monkeypatch.setattr(Schedule, "rows_by", change_schedule)
    assert made.rows_of("c").rows(0, 100)["at"].to_pylist() == [row["at"] for row in expected]
