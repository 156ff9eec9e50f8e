"""Regular expressions: syntax trees, possible lengths and errors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerador.avro.schema import Primitive
from gerador.values.regex.generator import RegexGenerator
from gerador.values.regex.lengths import format_lengths, lengths_in, possible_lengths
from gerador.values.regex.parser import parse_regex
from gerador.values.regex.tree import (
    AlternativesNode,
    CharactersNode,
    LiteralNode,
    RepeatNode,
    SequenceNode,
    is_unbounded,
)

STRING = Primitive("string")


@pytest.mark.parametrize(
    ("pattern", "tree"),
    [
        ("abc", LiteralNode("abc")),
        ("^abc$", LiteralNode("abc")),
        ("a|b", AlternativesNode((LiteralNode("a"), LiteralNode("b")))),
        ("[a-c]", CharactersNode("abc")),
        ("[-a]", CharactersNode("-a")),
        ("[a-]", CharactersNode("a-")),
        ("[]a]", CharactersNode("]a")),
        ("[\\]\\-\\d]{2}", CharactersNode("]-0123456789", 2, 2)),
        ("\\d*", CharactersNode("0123456789", 0, None)),
        ("a+?", CharactersNode("a", 1, None)),
        ("a{,3}", CharactersNode("a", 0, 3)),
        ("a{2,}", CharactersNode("a", 2, None)),
        ("a{b", LiteralNode("a{b")),
        ("(ab){2}", RepeatNode(LiteralNode("ab"), 2, 2)),
        ("(?:a)(?P<n>b)(?<m>c)", LiteralNode("abc")),
        ("x[ab]y", SequenceNode((LiteralNode("x"), CharactersNode("ab"), LiteralNode("y")))),
        (
            "\\Qa.b\\E.?",
            SequenceNode((LiteralNode("a.b"), CharactersNode(parse_regex("[ -~]").alphabet, 0, 1))),
        ),  # type: ignore[union-attr]
        ("\\x41\\u00e9\\t\\.", LiteralNode("Aé\t.")),
        ("", LiteralNode("")),
    ],
)
def test_patterns_are_parsed(pattern: str, tree: Any):
    """Literals, classes, escapes, quantifiers, alternatives and groups."""
    assert parse_regex(pattern) == tree


def test_negated_classes_are_over_printable_ascii():
    """The rest of the 95 printable characters; an escape and its opposite are all of them."""
    assert parse_regex("[^a-zA-Z0-9]") == CharactersNode(
        "".join(c for c in map(chr, range(32, 127)) if not c.isalnum())
    )
    for letter in "dws":
        small, large = parse_regex(f"\\{letter}"), parse_regex(f"\\{letter.upper()}")
        assert isinstance(large, CharactersNode)
        assert len(getattr(small, "alphabet", " ")) + len(large.alphabet) == 95


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?=a)", "character 1: look-ahead '(?=' is not supported; write the text itself"),
        ("(?!a)", "character 1: look-ahead '(?!' is not supported; write the text itself"),
        ("(?<=a)", "character 1: look-behind '(?<=' is not supported; write the text itself"),
        ("(?<!a)", "character 1: look-behind '(?<!' is not supported; write the text itself"),
        ("(?i)a", "character 2: inline flags are not supported; use classes such as [aA]"),
        ("(a)\\1", "character 4: a back-reference '\\1' is not supported"),
        ("(?P=n)", "character 1: a back-reference '(?P=' is not supported; write the text itself"),
        ("\\bfoo", "character 1: a word boundary '\\b' is not supported"),
        ("\\p{L}", "character 1: a Unicode property '\\p' is not supported"),
        ("[z-a]", "character 5: range z-a is reversed; write a-z"),
        ("[a", "character 3: the class is not closed; add ']'"),
        ("[a[b]]", "character 3: nested classes are not supported; list the characters"),
        ("[a-z&&b]", "character 5: nested classes are not supported; list the characters"),
        ("(a", "character 3: the group is not closed; add ')'"),
        ("a)", "character 2: unmatched ')'; write \\) for the character"),
        ("*a", "character 1: nothing to repeat before '*'; write \\* for the character"),
        ("a**", "character 3: two quantifiers in a row; put the first in a group"),
        ("a{3,1}", "character 7: {3,1} has its minimum above its maximum"),
        ("a{9999}", "character 8: {9999} repeats more than 1024 times"),
        ("a$b", "character 3: '$' before the end; write \\$ for the character"),
        ("a^b", "character 2: '^' after the start; write \\^ for the character"),
        ("\\q", "character 1: unknown escape '\\q'; write 'q'"),
        ("\\u12", "character 3: '12' is not a character code of 4 hex digits"),
        ("a\\", "character 3: the pattern ends too early"),
        ("[^ -~]", "character 7: the negated class excludes all printable ASCII characters"),
        ("(" * 40, "character 34: more than 32 nested groups; flatten the pattern"),
    ],
)
def test_invalid_and_unsupported_patterns_are_rejected(pattern: str, message: str):
    """The message has the pattern, the character, what is not supported, and how to fix it."""
    with pytest.raises(ValueError, match=r"^pattern ") as error:
        parse_regex(pattern)
    assert str(error.value) == f"pattern {pattern!r}, {message}"


@given(st.text(alphabet="ab[]()|*+?{}1,^$.\\d-", max_size=12))
def test_any_text_is_parsed_or_rejected(text: str):
    """The only error is ValueError; a pattern that Python rejects is not accepted."""
    try:
        tree = parse_regex(text)
    except ValueError:
        return
    is_unbounded(tree)
    assert possible_lengths(tree, 20) >= 0


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("abc", "3 characters"),
        ("a", "1 character"),
        ("a?b{2,4}", "2 to 5 characters"),
        ("(ab){1,3}", "2, 4, 6 characters"),
        ("(abc|d)*", "0 to 20 characters"),
        ("(aaaa|bbbbbb)+", "4, 6, 8, 10, … characters"),
        ("a{30}", " characters"),
    ],
)
def test_format_of_lengths(pattern: str, message: str):
    """The possible lengths of a pattern, up to twenty."""
    assert format_lengths(possible_lengths(parse_regex(pattern), 20)) == message


@settings(max_examples=40, deadline=None)
@given(st.from_regex(r"\A([ab]|\(a\|bb\)|\(ab\))([?*]|\{1,2\})?(c|[de]{0,3})\Z"))
def test_possible_lengths_are_exact(pattern: str):
    """Equal to the lengths of all matching texts over the alphabet, by search."""
    texts = [""]
    found = set()
    for length in range(6):
        found |= {length} if any(re.fullmatch(pattern, t) for t in texts) else set()
        texts = [t + c for t in texts for c in "abcde"] if length < 5 else []
    assert set(lengths_in(possible_lengths(parse_regex(pattern), 5))) == found


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            RegexGenerator(pattern="[A-Z]{3}", length_min=5, length_max=10),
            (
                "texts of '[A-Z]{3}' have 3 characters, never 5 to 10; "
                "change the pattern or the lengths"
            ),
        ),
        (
            RegexGenerator(pattern="(ab)*", length_min=3, length_max=3),
            (
                "texts of '(ab)*' have 0, 2, 4, 6, … characters, never 3; "
                "change the pattern or the lengths"
            ),
        ),
        (
            RegexGenerator(pattern="a*", length_min=5, length_max=3),
            "length_min 5 is above length_max 3",
        ),
        (
            RegexGenerator(pattern="(a{1000}){1000}"),
            "texts of '(a{1000}){1000}' exceed 1024 characters",
        ),
    ],
)
def test_impossible_lengths_are_rejected(field: RegexGenerator, message: str):
    """The error has the possible lengths."""
    assert [text for _, text in field.errors(STRING)] == [message]


@pytest.mark.parametrize(
    ("field", "lengths"),
    [
        (RegexGenerator(pattern="[a-z]*"), (8, 16)),
        (RegexGenerator(pattern="https://example.org/[a-z]+"), (8, 29)),
        (RegexGenerator(pattern="[a-z]{2,4}"), (0, 1024)),
        (RegexGenerator(pattern="[a-z]*", length_min=30), (30, 38)),
        (RegexGenerator(pattern="[a-z]*", length_max=5), (0, 5)),
    ],
)
def test_default_lengths_of_unbounded_patterns(field: RegexGenerator, lengths: tuple[int, int]):
    """8 to 16 characters, or eight more than the shortest; declared lengths take precedence."""
    assert field.lengths == lengths
    assert not list(field.errors(STRING))
