"""The regex generator: random texts that match a regular expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Protocol

import numpy as np
import pyarrow as pa
from pydantic import Field

from gerador.values.column import BaseColumn, Column, Positions
from gerador.values.declaration import (
    LENGTH_MAX,
    LENGTH_MAX_DEFAULT,
    LENGTH_MIN_DEFAULT,
    Affix,
    ValueGenerator,
)
from gerador.values.dictionary_columns import ChoiceColumn, choice_column
from gerador.values.index_sampling import AliasTable, Permutation, are_equal
from gerador.values.regex.distinct_texts import (
    UniqueTextColumn,
    all_texts,
    distinct_count,
    fixed_positions,
)
from gerador.values.regex.fixed_width import fixed_width_column
from gerador.values.regex.lengths import format_lengths, lengths_in, possible_lengths
from gerador.values.regex.parser import parse_regex
from gerador.values.regex.samplers import SamplerBuilder, StateChoice, TextSampler
from gerador.values.regex.tree import LiteralNode, RegexNode, is_unbounded, join_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.randomness import StreamSeeds
    from gerador.values.column import Block, BuildContext, ColumnTarget


PATTERN_CHARACTERS_MAX: Final = 1_000


class RegexGenerator(ValueGenerator):
    """Text that matches the whole of `pattern`, a regular expression.

    The lengths do not include `prefix` and `suffix`. Alternatives are equally likely, and so are
    the counts of a quantifier, among those that result in an allowed length. By default, texts of
    a pattern with an unbounded quantifier (``*``, ``+``, ``{2,}``) have 8 to 16 characters, or up
    to eight more than the shortest text.
    """

    types: ClassVar[frozenset[str]] = frozenset({"string", "uuid"})
    main_parameter: ClassVar[str | None] = "pattern"
    kind: Literal["regex"] = "regex"
    pattern: Annotated[str, Field(min_length=1, max_length=PATTERN_CHARACTERS_MAX)]
    """The regular expression: classes, quantifiers, alternatives, groups."""
    length_min: Annotated[int, Field(ge=0, le=LENGTH_MAX)] | None = None
    """Minimum length, without prefix and suffix."""
    length_max: Annotated[int, Field(ge=0, le=LENGTH_MAX)] | None = None
    """Maximum length, without prefix and suffix."""
    prefix: Affix = ""
    """Text before the matching text."""
    suffix: Affix = ""
    """Text after the matching text."""

    def default_type(self) -> Any:
        """Return string."""
        return "string"

    def errors(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield errors of an invalid pattern, and of lengths that it does not have."""
        try:
            tree = parse_regex(self.pattern)
        except ValueError as e:
            yield "pattern", str(e)
            return
        possible = possible_lengths(tree, LENGTH_MAX)
        low, high = self.lengths
        if not possible:
            yield "pattern", f"texts of {self.pattern!r} exceed {LENGTH_MAX} characters"
        elif low > high:
            yield "length_min", f"length_min {low} is above length_max {high}"
        elif not (possible >> low) & ((1 << (high - low + 1)) - 1):
            wanted = f"{low} to {high}" if low < high else f"{low}"
            yield (
                "length_min",
                (
                    f"texts of {self.pattern!r} have {format_lengths(possible)}, never {wanted}; "
                    "change the pattern or the lengths"
                ),
            )

    def distinct_values(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return the number of unique texts: all if few, else by positions that all texts have."""
        return distinct_count(self.tree, *self.lengths)

    @property
    def tree(self) -> RegexNode:
        """The syntax tree. Raises ValueError: an invalid pattern."""
        return parse_regex(self.pattern)

    @property
    def lengths(self) -> tuple[int, int]:
        """Minimum and maximum length, declared or by default."""
        tree = self.tree
        low, high = self.length_min, self.length_max
        if not is_unbounded(tree):
            return low or 0, LENGTH_MAX if high is None else high
        if low is None:
            low = LENGTH_MIN_DEFAULT if high is None else 0
        if high is None:
            shortest = next(lengths_in(possible_lengths(tree, LENGTH_MAX)), 0)
            longest = max(LENGTH_MAX_DEFAULT, max(shortest, low) + LENGTH_MIN_DEFAULT)
            high = min(longest, LENGTH_MAX)
        return low, high

    def column(self, context: BuildContext, target: ColumnTarget) -> Column:
        """Return the column of the field."""
        return affixed_column(context, target, self)


@dataclass(frozen=True, slots=True)
class RegexColumn(BaseColumn):
    """Texts of a pattern; the probabilities of their lengths are those of `lengths`."""

    lengths: StateChoice
    sampler: TextSampler

    def generate(self, block: Block, positions: Positions) -> pa.Array:
        """Return (items,) texts."""
        rng = block.rng(self.path)
        return self.sampler.sample(
            rng, self.lengths.choose(rng, np.zeros(len(positions), np.int64))
        )


def pattern_column(
    path: str, tree: RegexNode, low: int, high: int, unique: StreamSeeds | None = None
) -> Column:
    """Return the column of texts of a pattern with `low` to `high` characters.

    With the seeds `unique`, the first `distinct_count` rows have distinct texts.
    """
    shares = all_texts(tree, low, high)
    if shares is not None:
        return _table_column(path, shares, unique)
    column = fixed_width_column(path, tree) or _sampled_column(path, tree, low, high)
    if unique is None:
        return column
    return UniqueTextColumn.of(column, path, fixed_positions(tree), unique)


def _table_column(
    path: str, shares: Mapping[str, float], unique: StreamSeeds | None
) -> ChoiceColumn:
    entries = pa.array(list(shares), pa.string())
    if unique is not None:
        return choice_column(path, entries, permutation=Permutation.of(unique, path, len(entries)))
    weights = list(shares.values())
    return choice_column(
        path, entries, weights=None if are_equal(weights) else AliasTable.of(weights)
    )


def _sampled_column(path: str, tree: RegexNode, low: int, high: int) -> RegexColumn:
    sampler = SamplerBuilder(path, possible_lengths(tree, high).bit_length() - 1).of(tree)
    probabilities = sampler.probabilities.copy()
    probabilities[:low] = 0
    return RegexColumn(path, pa.string(), StateChoice.of(probabilities[None, :]), sampler)


class AffixedPattern(Protocol):
    """Texts of a pattern between a prefix and a suffix: `RegexGenerator`, `text.TextGenerator`."""

    prefix: str
    suffix: str
    unique: bool

    @property
    def tree(self) -> RegexNode:
        """The pattern."""
        ...

    @property
    def lengths(self) -> tuple[int, int]:
        """Minimum and maximum characters, without prefix and suffix."""
        ...


def affixed_column(
    context: BuildContext, target: ColumnTarget, generator: AffixedPattern
) -> Column:
    """Return the column of a pattern between its prefix and suffix."""
    affix_length = len(generator.prefix) + len(generator.suffix)
    low, high = (length + affix_length for length in generator.lengths)
    tree = join_nodes(
        [LiteralNode(generator.prefix), generator.tree, LiteralNode(generator.suffix)]
    )
    return pattern_column(target.path, tree, low, high, context.seeds if generator.unique else None)
