"""Comparison of responses with pages: what is accepted and what is rejected."""

from __future__ import annotations

from argparse import ArgumentError

import pytest

from tests.docs.alike import (
    assert_csv_alike,
    assert_json_alike,
    assert_lines_alike,
    shown_json,
)
from tests.docs.curl import parsed

AT = "2026-11-23T12:29:53.015Z"


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ('{"due": 21, "reason": null}', {"due": 9.5, "reason": None}),
        ('{"due": 21, …}', {"status": "ativo", "due": 1, "made": 2}),
        ('{"a": 1,\n …\n "b": [1, …]}', {"a": 1, "x": 1, "b": [1]}),
        ('{"streams": …}', {"streams": {"registros": {}}}),
        ("[1, …]", [7, 8, 9]),
        (
            f'[{{"nome": "Ana", "timestamp": "{AT}"}}]',
            [{"nome": "Rui", "timestamp": AT[:19] + "Z"}],
        ),
        ('"gerador run … --seed 42"', "gerador run --rate 1 --seed 42"),
    ],
)
def test_what_may_differ_passes(shown: str, real: object) -> None:
    """Counts, instants, the texts of rows, and what was left out."""
    assert_json_alike(shown_json(shown), real)


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ('{"due": 21}', {"due": "21"}),
        ('{"due": 21}', {"due": None}),
        ('{"due": 21}', {"due": 21, "made": 2}),
        ('{"due": 21, "made": 2, …}', {"made": 2, "due": 21}),
        ('{"seed": 42}', {"seed": 43}),
        ('{"status": "ativo"}', {"status": "pausado"}),
        (f'{{"start": "{AT}"}}', {"start": "yesterday"}),
        ("[1, 2]", [1]),
        ("[1, 2, …]", [1]),
        ("[]", [1]),
        ("{}", []),
        ("[]", {}),
    ],
)
def test_what_may_not_differ_fails(shown: str, real: object) -> None:
    """Types, names and their order, words, ids, and how many there are."""
    with pytest.raises(AssertionError):
        assert_json_alike(shown_json(shown), real)


def test_lines_differ_in_numbers_alone() -> None:
    """The width of a column follows its numbers; words stay, and `…` is any lines."""
    assert_lines_alike("a{b} 12.0\n…\n│ acked │ 10,000 │", "a{b} 9.5\nx\ny\n│ acked │      7 │")
    assert_lines_alike("a\n…\nb", "a\nb")
    for real in ("failed 1", "acked 1\nacked 2", ""):
        with pytest.raises(AssertionError):
            assert_lines_alike("acked 1", real)


def test_csv_differs_in_values_alone() -> None:
    """The header and the numbers of lines and fields stay."""
    assert_csv_alike('"a","b"\n1,2', '"a","b"\n3,4')
    with pytest.raises(AssertionError):
        assert_csv_alike('"a","b"\n1,2', '"a","b"\n3,4\n5,6')


def test_a_curl_command_line_is_read_as_curl_reads_it() -> None:
    """Methods, headers, bodies and pipes; an option that is not known fails."""
    asked = parsed(
        """curl -si -X PATCH -H 'A: b c' --json '{"rate": 5}' http://h/x?y=1 | head -n 1"""
    )
    assert (asked.method, asked.url, asked.content) == ("PATCH", "http://h/x?y=1", '{"rate": 5}')
    assert asked.headers["A"] == "b c"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.shows_headers
    assert asked.filtered("1\n2") == "1"
    assert parsed("curl -I http://h").method == "HEAD"
    assert parsed("curl -d x http://h").method == "POST"
    with pytest.raises((SystemExit, ArgumentError)):  # the former up to Python 3.11
        parsed("curl --frobnicate http://h")
