"""The regex generator: its declaration, and the column that samples matching texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

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
from gerador.values.dictionary_columns import PoolColumn, pool_column
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
from gerador.values.sampling import Permutation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.avro.schema import AvroType
    from gerador.randomness import StreamSeeds
    from gerador.values.column import Block, BuildContext, ColumnTarget


PATTERN_CHARACTERS_MAX: Final = 1_000


class RegexGenerator(ValueGenerator):
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
            tree = parse_regex(self.pattern)
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
                    f"texts of {self.pattern!r} have {format_lengths(possible)}, never {wanted}; "
                    "change the pattern or the lengths"
                ),
            )

    def space(self, avro_type: AvroType) -> int:  # noqa: ARG002
        """Return how many texts differ in the characters that all of them have; all if few."""
        return distinct_count(self.tree, *self.lengths)

    @property
    def tree(self) -> RegexNode:
        """The pattern as a tree. Raises ValueError: it is none."""
        return parse_regex(self.pattern)

    @property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most characters that a text may have, by declaration or default."""
        tree = self.tree
        said = self.length_min, self.length_max
        if not is_unbounded(tree):
            return said[0] or 0, LENGTH_MAX if said[1] is None else said[1]
        shortest = next(lengths_in(possible_lengths(tree, LENGTH_MAX)), 0)
        low = LENGTH_MIN_DEFAULT if said == (None, None) else said[0] or 0
        high = min(
            max(LENGTH_MAX_DEFAULT, shortest + LENGTH_MIN_DEFAULT, low + LENGTH_MIN_DEFAULT),
            LENGTH_MAX,
        )
        return low, high if said[1] is None else said[1]


@dataclass(frozen=True, slots=True)
class RegexColumn(BaseColumn):
    """Texts of a pattern whose lengths have the shares of `lengths`."""

    lengths: StateChoice
    drawer: TextSampler

    def draw(self, block: Block, at: Positions) -> pa.Array:
        """Return (items,) texts."""
        draws = block.draws(self.path)
        return self.drawer.draw(draws, self.lengths.choose(draws, np.zeros(len(at), np.int64)))


def pattern_column(
    path: str, tree: RegexNode, low: int, high: int, unique: StreamSeeds | None = None
) -> Column:
    """Return the column of texts of a pattern with `low` to `high` characters.

    With seeds, no two rows have the same text, as far as `pattern_spots.space_of` goes.
    """
    few = all_texts(tree, low, high)
    if few is not None:
        return _table_column(path, few, unique)
    made = fixed_width_column(path, tree) or _sampled_column(path, tree, low, high)
    return (
        made if unique is None else UniqueTextColumn.of(made, path, fixed_positions(tree), unique)
    )


def _table_column(path: str, few: Mapping[str, float], unique: StreamSeeds | None) -> PoolColumn:
    entries = pa.array(list(few), pa.string())
    if unique is None:
        return pool_column(path, entries, list(few.values()))
    return pool_column(path, entries, permutation=Permutation.of(unique, path, len(entries)))


def _sampled_column(path: str, tree: RegexNode, low: int, high: int) -> RegexColumn:
    drawer = SamplerBuilder(path, possible_lengths(tree, high).bit_length() - 1).of(tree)
    law = drawer.law.copy()
    law[:low] = 0
    return RegexColumn(path, pa.string(), StateChoice.of(law[None, :]), drawer)


def regex_column(making: BuildContext, place: ColumnTarget, declared: RegexGenerator) -> Column:
    """Return the column of a pattern between its prefix and suffix, which no length counts."""
    around = len(declared.prefix) + len(declared.suffix)
    low, high = (length + around for length in declared.lengths)
    tree = join_nodes([LiteralNode(declared.prefix), declared.tree, LiteralNode(declared.suffix)])
    return pattern_column(place.path, tree, low, high, making.seeds if declared.unique else None)
