"""Nexmark's queries in Flink on a real run of the gallery, against regenerated rows."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from flink_sql import read_statements, variable_values
from mini_cluster import Flink, flink

from tests.docs.examples import examples
from tests.engines.nexmark_answers import ANSWERS, answers
from tests.engines.nexmark_run import EVENTS, START, nexmark_run
from tests.kafka_fixture import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.engines.nexmark_answers import Rows
    from tests.engines.nexmark_run import Nexmark
    from tests.kafka_fixture import Broker

FOLDER: Final = "nexmark"
CHANGE: Final = re.compile(r"([+-])[IUD]\[([^\]]*)\]")
WINDOW: Final = timedelta(seconds=10)
RUN_END: Final = datetime.fromisoformat(START[:-1]) + timedelta(seconds=EVENTS / 10_000)
CATEGORIES: Final = range(10, 15)


@pytest.fixture(scope="module")
def nexmark(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nexmark]:
    """Give the topics of a run that is paused."""
    with nexmark_run(kafka.bootstrap, tmp_path_factory.mktemp("nexmark")) as run:
        yield run


@pytest.fixture(scope="module")
def engine(nexmark: Nexmark) -> Iterator[Flink]:
    """Give a Flink that has run the tables."""
    with flink(cache_dir()) as started:
        started.run_file(f"{FOLDER}/tables.sql", variable_values(nexmark.environ, bounded=True))
        yield started


@pytest.fixture(scope="module")
def expected(nexmark: Nexmark) -> dict[str, Rows]:
    """Return the expected result of every query."""
    return answers(nexmark.tables)


def final_rows(engine: Flink, query: str) -> Counter[tuple[str, ...]]:
    """Return the final rows of a query: inserted and not retracted.

    All rows come as one text: a call to Java a field would take a minute for each query.
    """
    result = engine.execute(query)
    collected = engine.jvm.org.apache.flink.util.CollectionUtil.iteratorToList(result.collect())
    rows: Counter[tuple[str, ...]] = Counter()
    for sign, fields in CHANGE.findall(collected.toString()):
        rows[tuple(fields.split(", "))] += 1 if sign == "+" else -1
    assert min(rows.values(), default=0) >= 0, "a row was retracted that was never inserted"
    return +rows


def read(text: str, like: Any) -> Any:
    """Return a field of Flink's in the type that DuckDB has it in."""
    return datetime.fromisoformat(text) if isinstance(like, datetime) else type(like)(text)


def typed(rows: Counter[tuple[str, ...]], like: Sequence[Any]) -> Counter[tuple[Any, ...]]:
    """Return rows with the types of one that was expected."""
    return Counter({tuple(map(read, row, like)): count for row, count in rows.items()})


@pytest.mark.parametrize("query", ANSWERS)
def test_the_answer_is_that_of_the_rows_made_again(
    engine: Flink, expected: dict[str, Rows], query: str
):
    """Flink's result of the unchanged file equals DuckDB's, row by row."""
    (statement,) = read_statements(f"{FOLDER}/{query}.sql", {})
    assert expected[query]
    found = typed(final_rows(engine, statement), expected[query][0])
    assert found == Counter(expected[query])


def test_the_topics_hold_the_published_proportions(nexmark: Nexmark):
    """One person, three auctions and forty-six bids in fifty events; pauses are moments apart."""
    rows = {name: table.num_rows for name, table in nexmark.tables.items()}
    assert sum(rows.values()) >= EVENTS
    assert 2.9 < rows["auction"] / rows["person"] < 3.1
    assert 45 < rows["bid"] / rows["person"] < 47


def test_answers_are_what_one_expects_of_nexmark(expected: dict[str, Rows], nexmark: Nexmark):
    """Every result has the declared number of rows and the declared values."""
    bids, auctions = nexmark.tables["bid"].num_rows, nexmark.tables["auction"].num_rows
    assert len(expected["q0"]) == len(expected["q1"]) == bids
    assert 0 < len(expected["q2"]) < bids / 20
    # A fifth is in category 10 and half of the states are asked for, but few people sell much.
    assert auctions * 0.02 < len(expected["q3"]) < auctions * 0.2
    assert sorted(category for category, _ in expected["q4"]) == list(CATEGORIES)
    assert all(10**6 < price < 10**8 for _, price in expected["q4"])
    # Half of the bids go to one auction for the sixth of a second in which a hundred open.
    assert all(auction % 100 == 0 for *_, auction, _ in expected["q5"])
    assert 600 < max(n for *_, n in expected["q5"]) < 1_200
    assert max(price for _, _, _, price, _ in expected["q7"]) > 0.99 * 10**8
    windows = {began for began, *_ in expected["q8"]}
    assert len(windows) >= 2
    assert len({began for began, *_ in expected["q5"]}) >= len(windows) + 4


@pytest.mark.parametrize("query", ["q5", "q7"])
def test_the_page_shows_what_flink_answers(expected: dict[str, Rows], query: str):
    """The rows of docs/gallery.md whose windows were over when this run was paused are its own."""
    (shown,) = (e.answer for e in examples("gallery.md") if f"{FOLDER}/{query}.sql" in e.command)
    lines = [line for line in shown.splitlines() if line.startswith("| +I |")]
    like = expected[query][0]
    rows = [tuple(map(read, map(str.strip, line.split("|")[2:-1]), like)) for line in lines]
    over = [row for row in rows if row[0] + WINDOW <= RUN_END]
    assert over
    assert set(over) <= set(expected[query])
