r"""Characters of a pattern, read one after another: escapes and classes (``\d``, ``[^a-z]``)."""

from __future__ import annotations

from string import hexdigits
from typing import Final

PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
DIGITS: Final = "0123456789"
WORD: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
CLASS_CHARACTERS_MAX: Final = 4_096

_CLASSES: Final = {
    "d": DIGITS,
    "w": WORD,
    "s": " ",
    "D": "".join(c for c in PRINTABLE if c not in DIGITS),
    "W": "".join(c for c in PRINTABLE if c not in WORD),
    "S": PRINTABLE[1:],
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_ESCAPED: Final = {
    **dict.fromkeys("123456789", "a back-reference"),
    "k": "a back-reference",
    "b": "a word boundary",
    "B": "a word boundary",
    "p": "a Unicode property",
    "P": "a Unicode property",
}
_HEX: Final = {"x": 2, "u": 4}


class Reader:
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
        if letter in _ESCAPED:
            self._at -= 2
            raise self.refusal(f"{_ESCAPED[letter]} '\\{letter}' is not made")
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
