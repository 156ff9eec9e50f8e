"""Kinds of text and bytes that are drawn character by character: random ones, and patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from gerador.scenario.fields.declared import Affix, Declared
from gerador.scenario.fields.pattern_lengths import lengths_in, possible_lengths, told_lengths
from gerador.scenario.fields.pattern_parser import parsed
from gerador.scenario.fields.pattern_spots import space_of
from gerador.scenario.fields.patterns import Characters, Pattern, is_open

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.avro import AvroType

ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
LENGTH_MAX: Final = 1_024
"""Characters of a text, bytes, items of an array or entries of a map."""
LENGTH_MIN: Final = 8
LENGTH_OPEN: Final = 16
"""Characters of a text, least and most, where nobody said how many."""
PATTERN_CHARACTERS_MAX: Final = 1_000


class _Lengths(Declared):
    length_min: int = LENGTH_MIN
    """The fewest, 0 to 1,024."""
    length_max: int = LENGTH_OPEN
    """The most, included, 0 to 1,024."""

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield lengths that make no sense."""
        if not 0 <= self.length_min <= self.length_max <= LENGTH_MAX:
            yield (
                "length_min",
                (
                    f"lengths {self.length_min} to {self.length_max}; "
                    f"give 0 to {LENGTH_MAX}, the smaller first"
                ),
            )


class TextField(_Lengths):
    """Random characters of `alphabet` (ASCII), `length_min` to `length_max` of them.

    They stand between `prefix` and `suffix`, which the lengths do not count. An alphabet of 2, 4,
    … 256 characters is drawn several times as fast as another.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"string"})
    kind: Literal["text"] = "text"
    alphabet: str = ALPHANUMERIC
    """Characters that are drawn from, ASCII; letters and digits when not said."""
    prefix: Affix = ""
    """Text before it, which the lengths do not count."""
    suffix: Affix = ""
    """Text behind it, which the lengths do not count."""

    def natural_type(self) -> Any:
        """Return string."""
        return "string"

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many texts differ in the characters that all of them have."""
        return space_of(self.tree, *self.lengths)

    @property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most characters of a text, without prefix and suffix."""
        return self.length_min, self.length_max

    @property
    def tree(self) -> Pattern:
        """The pattern that the texts have, without prefix and suffix."""
        return Characters(self.alphabet, self.length_min, self.length_max)

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield lengths and an alphabet that make no sense."""
        yield from super().refusals(avro_type)
        if not (self.alphabet and self.alphabet.isascii()):
            yield "alphabet", f"alphabet {self.alphabet!r}; give ASCII characters"


class BytesField(_Lengths):
    """Random bytes, `length_min` to `length_max` of them; a fixed has its own length."""

    suits: ClassVar[frozenset[str]] = frozenset({"bytes", "fixed"})
    kind: Literal["bytes"] = "bytes"

    def natural_type(self) -> Any:
        """Return bytes."""
        return "bytes"


class RegexField(Declared):
    """Text that matches `pattern` as a whole: classes, quantifiers, alternatives, groups.

    Lengths bound the text, without `prefix` and `suffix`. Alternatives are equally likely, and so
    are the counts of a quantifier, among those that give such a length. Where no length is said, an
    open quantifier (``*``, ``+``, ``{2,}``) is bounded by 8 to 16 characters for the whole text, or
    eight more than the shortest.
    """

    suits: ClassVar[frozenset[str]] = frozenset({"string", "uuid"})
    main: ClassVar[str | None] = "pattern"
    kind: Literal["regex"] = "regex"
    pattern: Annotated[str, Field(min_length=1, max_length=PATTERN_CHARACTERS_MAX)]
    """The regular expression: classes, quantifiers, alternatives, groups."""
    length_min: Annotated[int, Field(ge=0, le=LENGTH_MAX)] | None = None
    """The fewest characters, without prefix and suffix."""
    length_max: Annotated[int, Field(ge=0, le=LENGTH_MAX)] | None = None
    """The most characters, without prefix and suffix."""
    prefix: Affix = ""
    """Text before it, which the lengths do not count."""
    suffix: Affix = ""
    """Text behind it, which the lengths do not count."""

    def natural_type(self) -> Any:
        """Return string."""
        return "string"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield a pattern that is none, and lengths that it cannot have."""
        try:
            tree = parsed(self.pattern)
        except ValueError as e:
            yield "pattern", str(e)
            return
        possible = possible_lengths(tree, LENGTH_MAX)
        low, high = self.lengths
        if not possible:
            yield "pattern", f"{self.pattern!r} has over {LENGTH_MAX} characters; shorten it"
        elif low > high:
            yield "length_min", f"lengths {low} to {high}; give the smaller first"
        elif not (possible >> low) & ((1 << (high - low + 1)) - 1):
            wanted = f"{low} to {high}" if low < high else f"{low}"
            yield (
                "length_min",
                (
                    f"texts of {self.pattern!r} have {told_lengths(possible)}, never {wanted}; "
                    "change the pattern or the lengths"
                ),
            )

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many texts differ in the characters that all of them have; all if few."""
        return space_of(self.tree, *self.lengths)

    @property
    def tree(self) -> Pattern:
        """The pattern as a tree. Raises ValueError: it is none."""
        return parsed(self.pattern)

    @property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most characters that a text may have, by declaration or default."""
        tree = self.tree
        said = self.length_min, self.length_max
        if not is_open(tree):
            return said[0] or 0, LENGTH_MAX if said[1] is None else said[1]
        shortest = next(lengths_in(possible_lengths(tree, LENGTH_MAX)), 0)
        low = LENGTH_MIN if said == (None, None) else said[0] or 0
        high = min(max(LENGTH_OPEN, shortest + LENGTH_MIN, low + LENGTH_MIN), LENGTH_MAX)
        return low, high if said[1] is None else said[1]
