"""The kind that looks at other streams' rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from gerador.scenario.fields.declared import (
    EVERY_TYPE,
    Declared,
    Share,
)
from gerador.scenario.fields.parts import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gerador.scenario.avro import AvroType


class Skew(Part):
    """Which rows are preferred: the one of rank k (from 1) has a weight of k ** -zipf."""

    zipf: Annotated[float, Field(ge=0, le=20)]
    """Exponent: 0 prefers none, 1 and more few rows by far."""


class Hot(Part):
    """A share of values that all refer to the hot row of the moment.

    That is the newest row whose index is a multiple of `every`: as in Nexmark's hot auctions.
    """

    share: Share
    """Share of values that refer to the hot row, as 0.5 or 50%."""
    every: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Rows between one hot row and the next."""


class FromField(Declared):
    """The value of `field` (``clientes.id``) in some row of another stream.

    Which row: any of the stream's `rows`, equally likely; with `recent`, one of that many rows
    that were due last by this row's event time, as an endless stream needs it. `skew` prefers
    earlier rows, with `recent` later ones; `hot` sends a share to one row of the moment. `missing`
    is the share that refers to a row which the stream never sends. `row_of` names another field
    of this stream of kind `from`, whose row is taken instead of one of its own.
    """

    suits: ClassVar[frozenset[str]] = EVERY_TYPE
    main: ClassVar[str | None] = "field"
    kind: Literal["from"] = "from"
    field: str
    """Stream and field that are looked at, such as clientes.id."""
    skew: Skew | None = None
    """Which rows are preferred: {zipf: 1.2}; equally likely when not said."""
    recent: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many of the rows that were due last are looked at; all of the stream's when not said."""
    hot: Hot | None = None
    """A share of values that all refer to one row of the moment; goes with recent."""
    missing: Share = 0.0
    """Share that refers to a row which the stream never sends, as 0.01 or 1%."""
    row_of: str | None = None
    """Another field of kind from, whose row is taken instead of one of its own."""

    @property
    def stream(self) -> str:
        """Name of the stream that is looked at: what stands before the first dot."""
        return self.field.partition(".")[0]

    @property
    def path(self) -> str:
        """Path of the field in that stream; empty when none is said."""
        return self.field.partition(".")[2]

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield a field without a stream, and what says a row twice."""
        if not (self.stream and self.path):
            yield "field", f"{self.field!r}; give a stream and its field, such as clientes.id"
        if self.hot is not None and self.recent is None:
            yield "hot", "hot rows are among the newest; say recent too"
        for parameter in ("skew", "recent", "hot", "missing"):
            if self.row_of is not None and parameter in self.model_fields_set:
                yield parameter, f"the row is that of {self.row_of!r}; say {parameter} there"

    def mentions(self, known: Collection[str]) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the field whose row is taken."""
        if self.row_of is not None:
            yield "row_of", self.row_of

    def about_read(self, name: str, avro_type: AvroType, declared: Declared) -> Iterator[str]:
        """Yield what is wrong about the field whose row is taken."""
        yield from super().about_read(name, avro_type, declared)
        if not isinstance(declared, FromField):
            yield f"field {name!r} is of kind {declared.kind!r}; name one of kind 'from'"
        elif declared.stream != self.stream:
            yield (
                f"field {name!r} looks at stream {declared.stream!r} and this one at "
                f"{self.stream!r}; name one that looks at {self.stream!r}"
            )
