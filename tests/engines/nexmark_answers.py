"""Nexmark's queries over regenerated rows in DuckDB: the expected results of Flink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

Rows = list[tuple[Any, ...]]

WORDS: Final = (
    "CREATE MACRO ten_seconds(t) AS make_timestamp_ms(epoch_ms(t) // 10000 * 10000)",
    """
    CREATE VIEW hops AS
    SELECT make_timestamp_ms((epoch_ms("dateTime") // 2000 - hop) * 2000) AS began, auction
    FROM bid, unnest([0, 1, 2, 3, 4]) AS hops(hop)""",
)
"""Start of the 10 s window of a timestamp; the five hopping windows (every 2 s) of a bid."""

ANSWERS: Final[dict[str, str]] = {
    "q0": 'SELECT auction, bidder, price, "dateTime", extra FROM bid',
    "q1": """
        SELECT auction, bidder, CAST(price AS DECIMAL(20, 0)) * 0.908, "dateTime" FROM bid""",
    "q2": "SELECT auction, price FROM bid WHERE auction % 123 = 0",
    "q3": """
        SELECT name, city, state, auction.id FROM auction, person
        WHERE seller = person.id AND category = 10 AND state IN ('OR', 'ID', 'CA')""",
    # Flink's mean of whole numbers is a whole number.
    "q4": """
        SELECT category, CAST(sum(best) // count(*) AS BIGINT)
        FROM (
          SELECT category, max(price) AS best FROM auction, bid
          WHERE auction.id = bid.auction
            AND bid."dateTime" BETWEEN auction."dateTime" AND expires
          GROUP BY auction.id, category
        ) GROUP BY category""",
    "q5": """
        SELECT began, began + INTERVAL 10 SECOND, auction, count(*) AS bids FROM hops
        GROUP BY began, auction
        QUALIFY bids = max(count(*)) OVER (PARTITION BY began)""",
    "q7": """
        SELECT ten_seconds("dateTime") AS began, auction, bidder, price, "dateTime"
        FROM bid QUALIFY price = max(price) OVER (PARTITION BY began)""",
    "q8": """
        SELECT DISTINCT ten_seconds(person."dateTime") AS began, person.id, name
        FROM person, auction
        WHERE person.id = seller AND began = ten_seconds(auction."dateTime")""",
}
"""By the name of the query's file: the same question, put in another way where there is one."""


def answers(tables: Mapping[str, pa.Table]) -> dict[str, Rows]:
    """Return the answer of every query."""
    with duckdb.connect() as database:
        for name, table in tables.items():
            database.register(name, table)
        for text in WORDS:
            database.execute(text)
        return {query: database.sql(text).fetchall() for query, text in ANSWERS.items()}
