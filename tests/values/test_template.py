"""Templates: fields of the row in text, filtered."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerador.errors import SettingError
from gerador.values.choice import ConstantGenerator
from gerador.values.counters import SequenceGenerator
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.faker_pool import FakerGenerator
from gerador.values.iso_timestamp_text import format_timestamps
from gerador.values.template import (
    FILTERS,
    Placeholder,
    TemplateGenerator,
    parse_template,
)
from tests.values.generated_streams import DATE, STAMP, assert_any_cut, columns, spec, tables

NAMES = FakerGenerator(provider="name", pool_rows=64)


def filled(text: str, types: dict[str, object], fields: dict[str, object]) -> list[dict]:
    """Return ten rows with a template field `t`."""
    made = spec("s", {**types, "t": "string"}, {**fields, "t": TemplateGenerator(text=text)})
    return tables(made).rows_of("s").rows(0, 10).to_pylist()


def test_fields_are_inserted_in_order():
    """Texts, numbers and braces appear as written."""
    rows = filled(
        "{{{n}}} {nome}!",
        {"nome": "string", "n": "long"},
        {"nome": NAMES, "n": SequenceGenerator(start=5)},
    )
    assert [r["t"] for r in rows] == [f"{{{r['n']}}} {r['nome']}!" for r in rows]


def test_times_are_iso_texts_and_nulls_are_empty():
    """Timestamps and dates are ISO 8601; a null is an empty text."""
    types = {"at": STAMP, "day": DATE, "x": ["null", "double"]}
    for row in filled("{at}|{day}|{x}", types, {"x": UniformDistribution(min=0, max=1, null=0.5)}):
        at = row["at"].strftime("%Y-%m-%dT%H:%M:%S.") + f"{row['at'].microsecond // 1000:03d}Z"
        number = "" if row["x"] is None else str(row["x"]).removesuffix(".0")
        assert row["t"] == f"{at}|{row['day'].isoformat()}|{number}"


@pytest.mark.parametrize(
    ("word", "text", "wanted"),
    [
        ("lower", "ÁGUA Fria", "água fria"),
        ("upper", "água", "ÁGUA"),
        ("title", "joão da silva", "João Da Silva"),
        ("ascii", "Conceição Ümläut · 5 €", "Conceicao Umlaut  5 "),
        ("trim", "  a b\t", "a b"),
        ("slug", " São Paulo / SP! ", "sao-paulo-sp"),
        ("first", " Ana  Maria Lima", "Ana"),
        ("last", "Ana  Maria Lima ", "Lima"),
        ("first", "", ""),
        ("last", "", ""),
    ],
)
def test_filters(word: str, text: str, wanted: str):
    """Each filter has the documented result; null stays null."""
    assert FILTERS[word](pa.array([text, None])).to_pylist() == [wanted, None]


def test_filters_of_dictionaries_and_plain_text_are_equal():
    """The entries of a pool are filtered once, with the same result as each row's text."""
    rows = filled("{nome|first|lower|ascii}@x", {"nome": "string"}, {"nome": NAMES})
    plain = [FILTERS["ascii"](pa.array([r["nome"].split()[0].lower()]))[0].as_py() for r in rows]
    assert [r["t"] for r in rows] == [f"{p}@x" for p in plain]


def test_items_read_their_neighbours_and_the_row():
    """A template in a list finds fields of its item first, then of the row."""
    item = {"type": "record", "name": "I", "fields": [{"name": "n", "type": "long"}]}
    item["fields"].append({"name": "t", "type": "string"})
    made = spec(
        "s",
        {"n": "long", "k": "long", "l": {"type": "array", "items": item}},
        {"l[].t": TemplateGenerator(text="{n}/{k}"), "k": SequenceGenerator()},
    )
    for row in tables(made).rows_of("s").rows(0, 50).to_pylist():
        assert [i["t"] for i in row["l"]] == [f"{i['n']}/{row['k']}" for i in row["l"]]


def test_text_items_of_a_list_read_the_row():
    """Items that are texts read the fields of their row."""
    made = spec(
        "s",
        {"k": "long", "l": {"type": "array", "items": "string"}},
        {"l[]": TemplateGenerator(text="k{k}"), "k": SequenceGenerator()},
    )
    for row in tables(made).rows_of("s").rows(0, 50).to_pylist():
        assert set(row["l"]) <= {f"k{row['k']}"}


def test_templates_do_not_depend_on_slices():
    """Any slices have the same texts."""
    fields = {"t": TemplateGenerator(text="{nome|slug}-{at}"), "nome": NAMES}
    assert_any_cut(spec("s", {"t": "string", "nome": "string", "at": STAMP}, fields), name="s")


def test_a_text_without_fields_is_a_constant():
    """A template without placeholders is its text."""
    made = spec("s", {"t": "string"}, {"t": TemplateGenerator(text="a{{}}")})
    assert columns(tables(made), "s", 0, 3)["t"] == ["a{}"] * 3


@given(st.lists(st.sampled_from(["{{", "}}", "a b", "{x}", "{y|lower|first}", "é"])))
def test_parts_of_a_template_round_trip(tokens: list[str]):
    """The parsed parts are those that the template was written from."""
    back = [
        "{" + "|".join([p.name, *p.filters]) + "}"
        if isinstance(p, Placeholder)
        else p.replace("{", "{{").replace("}", "}}")
        for p in parse_template("".join(tokens))
    ]
    assert "".join(back) == "".join(tokens)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{nme}", "unknown field 'nme'; did you mean 'nome'?"),
        ("{nome|lowr}", "unknown filter 'lowr'; did you mean 'lower'?"),
        ("{nome", "unmatched '{' at character 1; write '{{'"),
        ("nome}", "unmatched '}' at character 5; write '}}'"),
        ("{}", "'{}' has no field"),
        ("{t}", "field 't' references itself; reference another"),
        ("{raw}", "field 'raw' is 'bytes'"),
    ],
)
def test_invalid_templates_are_rejected(text: str, message: str):
    """Unknown fields and filters, unmatched braces, and types without a text are errors."""
    types = {"nome": "string", "t": "string", "raw": "bytes"}
    with pytest.raises(SettingError) as error:
        spec("s", types, {"t": TemplateGenerator(text=text), "nome": ConstantGenerator(value="x")})
    assert message in str(error.value)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_iso_texts_equal_arrow(unit: str, zone: str | None):
    """Timestamps from 1677 to 2262 have Arrow's text, with a T."""
    counts = [0, 1, -1, 999, -86_400, 2**31, 2**33, -(2**33)]
    per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    values = [c * per + c % per for c in counts] + [None]
    instants = pa.array(values, pa.int64()).cast(pa.timestamp(unit, zone))
    wanted = [t and t.replace(" ", "T") for t in instants.cast(pa.string()).to_pylist()]
    assert format_timestamps(instants).to_pylist() == wanted


def test_iso_texts_of_far_years():
    """Years of five digits and before Christ have texts too."""
    far = pa.array([10**12, -(10**11), None], pa.int64()).cast(pa.timestamp("s", "UTC"))
    assert format_timestamps(far).to_pylist() == [
        "33658-09-27T01:46:40Z",
        "-1199-02-15T14:13:20Z",
        None,
    ]
