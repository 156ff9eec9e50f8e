"""The regex generator: texts match, have the declared lengths and shares, and are pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from gerador.avro.load import parse_avro
from gerador.errors import SettingError
from gerador.events.rows import StreamRows
from gerador.scenario.stream_spec import spec_for
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.values.dictionary_columns import ChoiceColumn
from gerador.values.regex.fixed_width import FixedWidthColumn
from gerador.values.regex.generator import RegexColumn, RegexGenerator, pattern_column
from gerador.values.regex.parser import parse_regex
from gerador.values.text import TextGenerator
from tests.values.generated_rows import assert_share, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gerador.values import AnyGenerator

ROWS = 20_000


def rows_of(field: AnyGenerator, kind: Any = "string", others: Sequence[str] = ()) -> StreamRows:
    """Return the rows of a stream with the field x."""
    fields = [{"name": n, "type": "int"} for n in others] + [{"name": "x", "type": kind}]
    schema = parse_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))
    spec = spec_for(schema=schema, name="s", fields={"x": field})
    return StreamRows(spec, 42, Schedule.starting(0, constant_rate(1_000)))


def texts_of(field: AnyGenerator, rows: int = ROWS) -> list[str]:
    """Return the first texts of a generator."""
    return rows_of(field).rows(0, rows)["x"].to_pylist()


PATTERNS = [
    "[A-Z]{3}-[0-9]{4}", "[A-Z]{2}\\d{6}[A-Z]", "User_[1-9]{0,1}", "[a-z ]{10,15}",
    "(GET|PUT|POST) /[a-z]{3,9}/[0-9]{1,4}", "[a-zA-Z]*", "(ab[0-9]?){2,5}", "([a-z]{1,3}-)+end",
    "[^a-z]{4}", "São [á-ú]{2,4}!", "(a?)*", "\\[[0-9][0-9],[0-9][0-9]\\]", "[\\w.]+@[\\w]+\\.com",
    "(x|[a-z]{9}|(0[1-9]|1[0-2])/[0-9]{2,6})", "((a|bb){1,2}c){2,}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_text_matches_its_pattern(pattern: str):
    """Python's re matches the whole text, and the length is in the declared range."""
    field = RegexGenerator(pattern=pattern)
    texts = texts_of(field, 4_000)
    whole = re.compile(pattern)
    assert all(whole.fullmatch(text) for text in texts)
    assert field.lengths[0] <= min(map(len, texts))
    assert max(map(len, texts)) <= field.lengths[1]
    assert len(set(texts)) > 5


@pytest.mark.parametrize("pattern", PATTERNS)
def test_texts_do_not_depend_on_slices(pattern: str):
    """Rows are the same in one call or two, alone or with other fields."""
    field = RegexGenerator(pattern=pattern)
    whole = rows_of(field).rows(16_000, 17_000)["x"]
    other = rows_of(field, others=["a", "b"])
    cut = pa.concat_arrays([other.rows(16_000, 16_389)["x"], other.rows(16_389, 17_000)["x"]])
    assert cut.equals(whole)


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("[A-Z]{3}-[0-9]{4}", FixedWidthColumn),
        ("User_[1-9]?", ChoiceColumn),
        ("(a|b)c{1,2}", ChoiceColumn),
        ("[a-z]{5,8}", RegexColumn),
        ("[á-ú]{5}", RegexColumn),
    ],
)
def test_column_by_pattern(pattern: str, kind: type):
    """Few texts are a table, a fixed width is written in place, others are sampled."""
    assert isinstance(pattern_column("x", parse_regex(pattern), 0, 1_024), kind)


def test_alternatives_are_equally_likely():
    """Also with different numbers of characters, and inside a longer pattern."""
    texts = texts_of(RegexGenerator(pattern="(GET|POST|DELETE) /[a-z]{20}"))
    counts = Counter(text.partition(" ")[0] for text in texts)
    for verb in ("GET", "POST", "DELETE"):
        assert_share(counts[verb], ROWS, 1 / 3)


def test_counts_of_a_quantifier_are_equally_likely():
    """For classes and groups."""
    lengths = Counter(map(len, texts_of(RegexGenerator(pattern="[a-z]{4,8}"))))
    assert sorted(lengths) == [4, 5, 6, 7, 8]
    for count in lengths.values():
        assert_share(count, ROWS, 1 / 5)
    copies = Counter(t.count("-") for t in texts_of(RegexGenerator(pattern="([a-z]{1,9}-){1,3}")))
    for number in (1, 2, 3):
        assert_share(copies[number], ROWS, 1 / 3)


def test_characters_of_a_class_are_equally_likely():
    """At the first and last position, for every syntax."""
    for pattern in ("[a-e]{6}x{0,1}", "[a-e]{2}[0-9]{9}[a-e]{3}", "[a-e][é-ô]{3,5}[a-e]"):
        texts = texts_of(RegexGenerator(pattern=pattern))
        for place in (0, -1 if "x" not in pattern else 5):
            counts = Counter(text[place] for text in texts)
            for letter in "abcde":
                assert_share(counts[letter], ROWS, 1 / 5)


def test_lengths_condition_the_distribution():
    """Given the length, two equal parts share it as computed by hand."""
    field = RegexGenerator(pattern="a{0,4}b{0,4}", length_min=4, length_max=4)
    counts = Counter(text.count("a") for text in texts_of(field))
    for number in range(5):
        assert_share(counts[number], ROWS, 1 / 5)
    field = RegexGenerator(pattern="[a-m]{0,9}-([n-z]{2}){0,4}", length_min=6, length_max=6)
    counts = Counter(text.index("-") for text in texts_of(field))
    assert sorted(counts) == [1, 3, 5]
    for number in (1, 3, 5):
        assert_share(counts[number], ROWS, 1 / 3)


def test_prefix_and_suffix_are_not_counted():
    """The lengths are those of the text between them, for random text and patterns."""
    fields: list[AnyGenerator] = [
        TextGenerator(length_min=2, length_max=3, alphabet="xy", prefix="<á ", suffix=">"),
        RegexGenerator(pattern="[xy]{2,3}", prefix="<á ", suffix=">"),
        RegexGenerator(pattern="[xy]*", length_min=2, length_max=3, prefix="<á ", suffix=">"),
        RegexGenerator(pattern="[xy]+", length_min=2, length_max=3, prefix="<á ", suffix=">"),
    ]
    for field in fields:
        assert all(re.fullmatch("<á [xy]{2,3}>", text) for text in texts_of(field, 2_000))


def test_pattern_for_uuid():
    """A uuid on string accepts a pattern of UUIDs."""
    field = RegexGenerator(pattern="[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    texts = rows_of(field, {"type": "string", "logicalType": "uuid"}).rows(0, 100)["x"]
    assert all(re.fullmatch(field.pattern, text) for text in texts.to_pylist())


def test_rows_are_independent():
    """Adjacent rows are equal as rarely as by chance."""
    texts = np.array(texts_of(RegexGenerator(pattern="[0-9]{2}")))
    assert_share(int((texts[1:] == texts[:-1]).sum()), ROWS - 1, 1 / 100)


@pytest.mark.parametrize(
    ("field", "rows"),
    [
        (RegexGenerator(pattern="[A-Z]{2}-[0-9]{2}", unique=True), 26 * 26 * 100),
        (RegexGenerator(pattern="(a|b)[0-9]{1,3}", unique=True), 2 * 1_110),
        (RegexGenerator(pattern="é[0-9]{2}x?", unique=True), 200),
        (RegexGenerator(pattern="(SP|RJ|MG)-[0-9]{6}", unique=True), 100_000),
        (RegexGenerator(pattern="[A-Z]{0,2}[0-9]{5}", unique=True), 100_000),
        (RegexGenerator(pattern="([a-z]{2}-){2}(x|yy)[0-9]{1,3}é[ab]", unique=True), 26**4 // 8),
        (
            RegexGenerator(pattern="(122\\.152|111\\.145)\\.[1-9][0-9]?\\.[0-9]{3}", unique=True),
            9_000,
        ),
        (RegexGenerator(pattern="[a-z]{4}[0-9]*", unique=True, prefix="código "), 26**4 // 8),
        (TextGenerator(length_min=3, length_max=30, unique=True), 62**3 // 4),
        (TextGenerator(length_min=40, length_max=40, unique=True), 60_000),
        (TextGenerator(length_min=2, length_max=2, alphabet="aab", unique=True), 4),
    ],
)
def test_unique_texts_are_distinct(field: AnyGenerator, rows: int):
    """Each text occurs once and matches; slices do not change it."""
    made = table({"x": "string"}, {"x": field}, rows=rows)
    texts = made.rows(0, rows)["x"]
    assert len(set(texts.to_pylist())) == rows
    cut = pa.concat_arrays([made.rows(0, rows // 3)["x"], made.rows(rows // 3, rows)["x"]])
    assert cut.equals(texts)
    if isinstance(field, RegexGenerator):
        whole = re.compile(field.prefix + field.pattern)
        assert all(whole.fullmatch(text) for text in texts.to_pylist())


@pytest.mark.parametrize(
    ("field", "rows", "message"),
    [
        (RegexGenerator(pattern="[0-9]{2}", unique=True), 101, "101 rows but regex has 100 distinct values;"),  # noqa: E501
        (RegexGenerator(pattern="[a-z]*", unique=True), 5, "5 rows but regex, counted by the characters at fixed positions, has 1 distinct values;"),  # noqa: E501
        (RegexGenerator(pattern="(((((a?){63}){63}){63}){63}){63}", unique=True), 5, "at fixed positions, has 1 distinct values;"),  # noqa: E501
        (TextGenerator(length_min=1, length_max=1, unique=True), 63, "text has 62 distinct values;"),  # noqa: E501
        (RegexGenerator(pattern="[0-9]{2}", unique=True), None, "the stream is endless and regex has 100 distinct values;"),  # noqa: E501
    ],
)  # fmt: skip
def test_too_few_unique_texts_are_rejected(field: AnyGenerator, rows: int | None, message: str):
    """The error has the number of texts."""
    with pytest.raises(SettingError, match=re.escape(message)):
        table({"x": "string"}, {"x": field}, rows=rows)
