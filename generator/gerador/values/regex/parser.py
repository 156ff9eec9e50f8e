"""Parse regular expressions into syntax trees."""

from __future__ import annotations

from string import hexdigits
from typing import Final

from gerador.values.regex.tree import (
    AlternativesNode,
    CharactersNode,
    LiteralNode,
    RegexNode,
    RepeatNode,
    join_nodes,
)

PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
DIGITS: Final = "0123456789"
WORD_CHARACTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
CLASS_CHARACTERS_MAX: Final = 4_096

_CLASSES: Final = {
    "d": DIGITS,
    "w": WORD_CHARACTERS,
    "s": " ",
    "D": "".join(c for c in PRINTABLE if c not in DIGITS),
    "W": "".join(c for c in PRINTABLE if c not in WORD_CHARACTERS),
    "S": PRINTABLE[1:],
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_UNSUPPORTED_ESCAPES: Final = {
    **dict.fromkeys("123456789", "a back-reference"),
    "k": "a back-reference",
    "b": "a word boundary",
    "B": "a word boundary",
    "p": "a Unicode property",
    "P": "a Unicode property",
}
_HEX: Final = {"x": 2, "u": 4}


class RegexReader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._position = 0

    @property
    def at_end(self) -> bool:
        """Whether the whole pattern is read."""
        return self._position == len(self._pattern)

    def error(self, text: str) -> ValueError:
        """Return the error for a problem at the next character."""
        return ValueError(f"pattern {self._pattern!r}, character {self._position + 1}: {text}")

    def next_is(self, text: str) -> bool:
        """Return whether `text` is next."""
        return self._pattern.startswith(text, self._position)

    def accept(self, text: str) -> bool:
        """Read `text` if it is next; return whether it was."""
        found = self.next_is(text)
        self._position += len(text) if found else 0
        return found

    def next(self) -> str:
        """Read and return a character. Raises ValueError: the pattern ends."""
        if self.at_end:
            raise self.error("the pattern ends too early")
        self._position += 1
        return self._pattern[self._position - 1]

    def escape(self) -> str:
        """Read an escape after its backslash; return the characters that it matches."""
        letter = self.next()
        if letter in _UNSUPPORTED_ESCAPES:
            self._position -= 2
            raise self.error(f"{_UNSUPPORTED_ESCAPES[letter]} '\\{letter}' is not supported")
        if letter in _HEX:
            return self._hex_escape(_HEX[letter])
        if letter in _CLASSES or letter in _CONTROLS:
            return _CLASSES.get(letter) or _CONTROLS[letter]
        if letter.isascii() and letter.isalnum():
            self._position -= 2
            raise self.error(f"unknown escape '\\{letter}'; write {letter!r}")
        return letter

    def _hex_escape(self, digits: int) -> str:
        code = self._pattern[self._position : self._position + digits]
        valid = len(code) == digits and all(c in hexdigits for c in code)
        if not valid or 0xD800 <= int(code, 16) <= 0xDFFF:
            raise self.error(f"{code!r} is not a character code of {digits} hex digits")
        self._position += digits
        return chr(int(code, 16))

    def character_class(self) -> str:
        """Read a class after its opening bracket; return its distinct characters."""
        negated = self.accept("^")
        found: dict[str, None] = {}
        first = True
        while first or not self.next_is("]"):
            if self.next_is("&&") or self.next_is("["):
                raise self.error("nested classes are not supported; list the characters")
            found.update(dict.fromkeys(self._class_item()))
            first = False
            if len(found) > CLASS_CHARACTERS_MAX:
                raise self.error(f"more than {CLASS_CHARACTERS_MAX} characters in a class")
        self.next()
        if not negated:
            return "".join(found)
        others = "".join(c for c in PRINTABLE if c not in found)
        if not others:
            raise self.error("the negated class excludes all printable ASCII characters")
        return others

    def _class_item(self) -> str:
        """Read one item of a class: a character, a range or an escape."""
        first = self._class_character()
        if len(first) > 1 or not self.next_is("-") or self.next_is("-]"):
            return first
        self.next()
        last = self._class_character()
        if len(last) > 1 or first > last:
            raise self.error(f"range {first}-{last} is reversed; write {last}-{first}")
        if ord(last) - ord(first) >= CLASS_CHARACTERS_MAX:
            raise self.error(f"more than {CLASS_CHARACTERS_MAX} characters in a class")
        return "".join(map(chr, range(ord(first), ord(last) + 1)))

    def _class_character(self) -> str:
        if self.at_end:
            raise self.error("the class is not closed; add ']'")
        character = self.next()
        if character != "\\":
            return character
        return "\b" if self.accept("b") else self.escape()


GROUP_DEPTH_MAX: Final = 32
"""Maximum nesting of groups."""
REPEAT_MAX: Final = 1_024
"""Maximum count in a quantifier."""

_UNSUPPORTED_GROUPS: Final = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?P=": "a back-reference",
    "(?(": "a condition",
    "(?>": "an atomic group",
    "(?#": "a comment",
}


def parse_regex(pattern: str) -> RegexNode:
    """Parse a pattern.

    Raises ValueError: not a regular expression, or a feature that is not supported.
    """
    parser = _RegexParser(pattern)
    tree = parser.alternatives(0)
    if not parser.at_end:
        raise parser.error("unmatched ')'; write \\) for the character")
    return tree


class _RegexParser(RegexReader):
    """Reads alternatives, groups and quantifiers."""

    def alternatives(self, depth: int) -> RegexNode:
        if depth > GROUP_DEPTH_MAX:
            raise self.error(f"more than {GROUP_DEPTH_MAX} nested groups; flatten the pattern")
        branches = [self._sequence(depth)]
        while self.accept("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else AlternativesNode(tuple(branches))

    def _sequence(self, depth: int) -> RegexNode:
        self.accept("^")
        parts: list[RegexNode] = []
        while not (self.at_end or self.next_is("|") or self.next_is(")")):
            if self.accept("$"):
                if not (self.at_end or self.next_is("|") or self.next_is(")")):
                    raise self.error("'$' before the end; write \\$ for the character")
                break
            parts.append(self._quantified_atom(self._atom(depth)))
        return join_nodes(parts)

    def _atom(self, depth: int) -> RegexNode:
        if self.next_is("("):
            return self._group(depth)
        character = self.next()
        if character == "[":
            return CharactersNode(self.character_class())
        if character == ".":
            return CharactersNode(PRINTABLE)
        if character == "\\":
            return self._escape()
        if character in "*+?{" and not (character == "{" and not self._at_count()):
            self._position -= 1
            raise self.error(
                f"nothing to repeat before {character!r}; write \\{character} for the character"
            )
        if character == "^":
            self._position -= 1
            raise self.error("'^' after the start; write \\^ for the character")
        return LiteralNode(character)

    def _group(self, depth: int) -> RegexNode:
        for opening, name in _UNSUPPORTED_GROUPS.items():
            if self.next_is(opening):
                raise self.error(f"{name} {opening!r} is not supported; write the text itself")
        self.next()
        if self.accept("?P<") or self.accept("?<"):
            while self.next() != ">":
                pass
        elif not self.accept("?:") and self.next_is("?"):
            raise self.error("inline flags are not supported; use classes such as [aA]")
        inner = self.alternatives(depth + 1)
        if not self.accept(")"):
            raise self.error("the group is not closed; add ')'")
        return inner

    def _escape(self) -> RegexNode:
        if self.accept("Q"):
            rest = self._pattern[self._position :]
            quoted = rest.partition("\\E")[0]
            self._position += min(len(rest), len(quoted) + 2)
            return LiteralNode(quoted)
        if self.accept("A") or self.accept("Z") or self.accept("z"):
            return LiteralNode("")
        characters = self.escape()
        return LiteralNode(characters) if len(characters) == 1 else CharactersNode(characters)

    def _at_count(self) -> bool:
        """Return whether the text after a brace is a count, which makes it a quantifier."""
        inside, closed, _ = self._pattern[self._position :].partition("}")
        low, _, high = inside.partition(",")
        return bool(closed) and (low + high).isdigit()

    def _quantified_atom(self, atom: RegexNode) -> RegexNode:
        for symbol, low, high in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self.accept(symbol):
                return self._repeat(atom, low, high)
        if self.next_is("{"):
            self.next()
            if self._at_count():
                return self._repeat(atom, *self._counts())
            self._position -= 1
        return atom

    def _counts(self) -> tuple[int, int | None]:
        inside = self._pattern[self._position : self._pattern.index("}", self._position)]
        self._position += len(inside) + 1
        low, comma, high = inside.partition(",")
        counts = int(low or 0), int(high) if high else (None if comma else int(low))
        if counts[1] is not None and counts[0] > counts[1]:
            raise self.error(f"{{{inside}}} has its minimum above its maximum")
        if max(counts[0], counts[1] or 0) > REPEAT_MAX:
            raise self.error(f"{{{inside}}} repeats more than {REPEAT_MAX} times")
        return counts

    def _repeat(self, atom: RegexNode, low: int, high: int | None) -> RegexNode:
        # Lazy and possessive suffixes affect the search, not the texts that match.
        _ = self.accept("?") or self.accept("+")
        if self.next_is("*"):
            raise self.error("two quantifiers in a row; put the first in a group")
        match atom:
            case LiteralNode() if len(atom.text) == 1:
                return CharactersNode(atom.text, low, high)
            case CharactersNode(low=1, high=1):
                return CharactersNode(atom.alphabet, low, high)
        return RepeatNode(atom, low, high)
