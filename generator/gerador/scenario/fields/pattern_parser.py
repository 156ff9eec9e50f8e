r"""Patterns as they are written, read into trees.

The part of regular expressions that says what a text is: literals, classes (``[A-Z]``, negated
ones over printable ASCII), the escapes ``\d \w \s`` and their opposites, ``.``, quantifiers,
alternatives, groups; ``^`` and ``$`` mean what is so anyway. What looks at text elsewhere (look-
around, back-references, word boundaries) and inline flags are refused by name. Makes no texts.
"""

from __future__ import annotations

from typing import Final

from gerador.scenario.fields.pattern_characters import PRINTABLE, Reader
from gerador.scenario.fields.patterns import (
    Alternatives,
    Characters,
    Pattern,
    Repeated,
    Text,
    joined,
)

DEPTH_MAX: Final = 32
"""Groups inside one another."""
TIMES_MAX: Final = 1_024
"""What a quantifier may count to."""

_LOOKING: Final = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?P=": "a back-reference",
    "(?(": "a condition",
    "(?>": "an atomic group",
    "(?#": "a comment",
}


def parsed(pattern: str) -> Pattern:
    """Return the tree of a pattern.

    Raises ValueError: no pattern, or one that asks for what is not made; says where and what.
    """
    parser = _Parser(pattern)
    tree = parser.alternatives(0)
    if not parser.at_end:
        raise parser.refusal("a ')' that nothing opened; write \\)")
    return tree


class _Parser(Reader):
    """Reads alternatives, groups and quantifiers."""

    def alternatives(self, depth: int) -> Pattern:
        if depth > DEPTH_MAX:
            raise self.refusal(f"over {DEPTH_MAX} groups inside one another; write them flatter")
        branches = [self._sequence(depth)]
        while self.took("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else Alternatives(tuple(branches))

    def _sequence(self, depth: int) -> Pattern:
        self.took("^")
        parts: list[Pattern] = []
        while not (self.at_end or self.next_is("|") or self.next_is(")")):
            if self.took("$"):
                if not (self.at_end or self.next_is("|") or self.next_is(")")):
                    raise self.refusal("'$' before the end; write \\$ for the character")
                break
            parts.append(self._quantified(self._atom(depth)))
        return joined(parts)

    def _atom(self, depth: int) -> Pattern:
        if self.next_is("("):
            return self._group(depth)
        character = self.taken()
        if character == "[":
            return Characters(self.characters_of_class())
        if character == ".":
            return Characters(PRINTABLE)
        if character == "\\":
            return self._escape()
        if character in "*+?{" and not (character == "{" and not self._counts_next()):
            self._at -= 1
            raise self.refusal(f"nothing before {character!r} to repeat; write \\{character}")
        if character == "^":
            self._at -= 1
            raise self.refusal("'^' behind the beginning; write \\^ for the character")
        return Text(character)

    def _group(self, depth: int) -> Pattern:
        for opening, name in _LOOKING.items():
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

    def _escape(self) -> Pattern:
        if self.took("Q"):
            rest = self._pattern[self._at :]
            quoted = rest.partition("\\E")[0]
            self._at += min(len(rest), len(quoted) + 2)
            return Text(quoted)
        if self.took("A") or self.took("Z") or self.took("z"):
            return Text("")
        characters = self.escaped()
        return Text(characters) if len(characters) == 1 else Characters(characters)

    def _counts_next(self) -> bool:
        """Tell whether what follows a brace is a count, so that the brace is a quantifier."""
        inside, closed, _ = self._pattern[self._at :].partition("}")
        low, _, high = inside.partition(",")
        return bool(closed) and (low + high).isdigit()

    def _quantified(self, atom: Pattern) -> Pattern:
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
        if max(counts[0], counts[1] or 0) > TIMES_MAX:
            raise self.refusal(f"{{{inside}}} repeats over {TIMES_MAX} times")
        return counts

    def _times(self, atom: Pattern, low: int, high: int | None) -> Pattern:
        # Lazy and possessive marks say how to search; they change no text.
        _ = self.took("?") or self.took("+")
        if self.next_is("*"):
            raise self.refusal("two quantifiers; put a group around the first")
        match atom:
            case Text() if len(atom.text) == 1:
                return Characters(atom.text, low, high)
            case Characters(low=1, high=1):
                return Characters(atom.alphabet, low, high)
        return Repeated(atom, low, high)
