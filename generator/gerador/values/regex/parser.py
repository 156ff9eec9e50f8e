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
    """Reads a pattern from left to right, once."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    @property
    def at_end(self) -> bool:
        """Whether all of it is read."""
        return self._at == len(self._pattern)

    def refusal(self, text: str) -> ValueError:
        """Return the error for what is wrong at the next character."""
        return ValueError(f"pattern {self._pattern!r}, character {self._at + 1}: {text}")

    def next_is(self, text: str) -> bool:
        """Tell whether a text comes next."""
        return self._pattern.startswith(text, self._at)

    def took(self, text: str) -> bool:
        """Read a text if it comes next, and tell whether it did."""
        found = self.next_is(text)
        self._at += len(text) if found else 0
        return found

    def taken(self) -> str:
        """Read a character. Raises ValueError: there is none."""
        if self.at_end:
            raise self.refusal("it ends too early")
        self._at += 1
        return self._pattern[self._at - 1]

    def escaped(self) -> str:
        """Return the characters that an escape stands for, the backslash being read."""
        letter = self.taken()
        if letter in _UNSUPPORTED_ESCAPES:
            self._at -= 2
            raise self.refusal(f"{_UNSUPPORTED_ESCAPES[letter]} '\\{letter}' is not made")
        if letter in _HEX:
            return self._coded(_HEX[letter])
        if letter in _CLASSES or letter in _CONTROLS:
            return _CLASSES.get(letter) or _CONTROLS[letter]
        if letter.isascii() and letter.isalnum():
            self._at -= 2
            raise self.refusal(f"'\\{letter}' is no escape; write {letter!r}")
        return letter

    def _coded(self, digits: int) -> str:
        code = self._pattern[self._at : self._at + digits]
        spelt = len(code) == digits and all(c in hexdigits for c in code)
        if not spelt or 0xD800 <= int(code, 16) <= 0xDFFF:
            raise self.refusal(f"{code!r} is no character in {digits} hex digits")
        self._at += digits
        return chr(int(code, 16))

    def characters_of_class(self) -> str:
        """Return the characters of a class whose bracket is read, each once."""
        negated = self.took("^")
        found: dict[str, None] = {}
        first = True
        while first or not self.next_is("]"):
            if self.next_is("&&") or self.next_is("["):
                raise self.refusal("a class inside a class is not made; list the characters")
            found.update(dict.fromkeys(self._span()))
            first = False
            if len(found) > CLASS_CHARACTERS_MAX:
                raise self.refusal(f"over {CLASS_CHARACTERS_MAX} characters in a class")
        self.taken()
        if not negated:
            return "".join(found)
        left = "".join(c for c in PRINTABLE if c not in found)
        if not left:
            raise self.refusal("a negated class that leaves no printable ASCII character")
        return left

    def _span(self) -> str:
        """Return the characters of one entry of a class: a character, a range or an escape."""
        first = self._one()
        if len(first) > 1 or not self.next_is("-") or self.next_is("-]"):
            return first
        self.taken()
        last = self._one()
        if len(last) > 1 or first > last:
            raise self.refusal(f"range {first}-{last} goes backwards; turn it round")
        if ord(last) - ord(first) >= CLASS_CHARACTERS_MAX:
            raise self.refusal(f"over {CLASS_CHARACTERS_MAX} characters in a class")
        return "".join(map(chr, range(ord(first), ord(last) + 1)))

    def _one(self) -> str:
        if self.at_end:
            raise self.refusal("a class is not closed; add ']'")
        character = self.taken()
        if character != "\\":
            return character
        return "\b" if self.took("b") else self.escaped()


GROUP_DEPTH_MAX: Final = 32
"""Groups inside one another."""
REPEAT_MAX: Final = 1_024
"""What a quantifier may count to."""

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
    """Return the tree of a pattern.

    Raises ValueError: no pattern, or one that asks for what is not made; says where and what.
    """
    parser = _RegexParser(pattern)
    tree = parser.alternatives(0)
    if not parser.at_end:
        raise parser.refusal("a ')' that nothing opened; write \\)")
    return tree


class _RegexParser(RegexReader):
    """Reads alternatives, groups and quantifiers."""

    def alternatives(self, depth: int) -> RegexNode:
        if depth > GROUP_DEPTH_MAX:
            raise self.refusal(
                f"over {GROUP_DEPTH_MAX} groups inside one another; write them flatter"
            )
        branches = [self._sequence(depth)]
        while self.took("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else AlternativesNode(tuple(branches))

    def _sequence(self, depth: int) -> RegexNode:
        self.took("^")
        parts: list[RegexNode] = []
        while not (self.at_end or self.next_is("|") or self.next_is(")")):
            if self.took("$"):
                if not (self.at_end or self.next_is("|") or self.next_is(")")):
                    raise self.refusal("'$' before the end; write \\$ for the character")
                break
            parts.append(self._quantified(self._atom(depth)))
        return join_nodes(parts)

    def _atom(self, depth: int) -> RegexNode:
        if self.next_is("("):
            return self._group(depth)
        character = self.taken()
        if character == "[":
            return CharactersNode(self.characters_of_class())
        if character == ".":
            return CharactersNode(PRINTABLE)
        if character == "\\":
            return self._escape()
        if character in "*+?{" and not (character == "{" and not self._counts_next()):
            self._at -= 1
            raise self.refusal(f"nothing before {character!r} to repeat; write \\{character}")
        if character == "^":
            self._at -= 1
            raise self.refusal("'^' behind the beginning; write \\^ for the character")
        return LiteralNode(character)

    def _group(self, depth: int) -> RegexNode:
        for opening, name in _UNSUPPORTED_GROUPS.items():
            if self.next_is(opening):
                raise self.refusal(f"{name} {opening!r} is not made; write what the text holds")
        self.taken()
        if self.took("?P<") or self.took("?<"):
            while self.taken() != ">":
                pass
        elif not self.took("?:") and self.next_is("?"):
            raise self.refusal("inline flags are not made; write the cases as classes")
        inner = self.alternatives(depth + 1)
        if not self.took(")"):
            raise self.refusal("a group is not closed; add ')'")
        return inner

    def _escape(self) -> RegexNode:
        if self.took("Q"):
            rest = self._pattern[self._at :]
            quoted = rest.partition("\\E")[0]
            self._at += min(len(rest), len(quoted) + 2)
            return LiteralNode(quoted)
        if self.took("A") or self.took("Z") or self.took("z"):
            return LiteralNode("")
        characters = self.escaped()
        return LiteralNode(characters) if len(characters) == 1 else CharactersNode(characters)

    def _counts_next(self) -> bool:
        """Tell whether what follows a brace is a count, so that the brace is a quantifier."""
        inside, closed, _ = self._pattern[self._at :].partition("}")
        low, _, high = inside.partition(",")
        return bool(closed) and (low + high).isdigit()

    def _quantified(self, atom: RegexNode) -> RegexNode:
        for mark, low, high in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self.took(mark):
                return self._times(atom, low, high)
        if self.next_is("{"):
            self.taken()
            if self._counts_next():
                return self._times(atom, *self._counts())
            self._at -= 1
        return atom

    def _counts(self) -> tuple[int, int | None]:
        inside = self._pattern[self._at : self._pattern.index("}", self._at)]
        self._at += len(inside) + 1
        low, comma, high = inside.partition(",")
        counts = int(low or 0), int(high) if high else (None if comma else int(low))
        if counts[1] is not None and counts[0] > counts[1]:
            raise self.refusal(f"{{{inside}}} counts backwards; give the smaller first")
        if max(counts[0], counts[1] or 0) > REPEAT_MAX:
            raise self.refusal(f"{{{inside}}} repeats over {REPEAT_MAX} times")
        return counts

    def _times(self, atom: RegexNode, low: int, high: int | None) -> RegexNode:
        # Lazy and possessive marks say how to search; they change no text.
        _ = self.took("?") or self.took("+")
        if self.next_is("*"):
            raise self.refusal("two quantifiers; put a group around the first")
        match atom:
            case LiteralNode() if len(atom.text) == 1:
                return CharactersNode(atom.text, low, high)
            case CharactersNode(low=1, high=1):
                return CharactersNode(atom.alphabet, low, high)
        return RepeatNode(atom, low, high)
