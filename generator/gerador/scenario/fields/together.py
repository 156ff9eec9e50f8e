"""The kind of fields that come from rows which are written out, all from the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, Strict

from gerador.scenario.fields.declared import EVERY_TYPE, Declared
from gerador.scenario.fields.listed import VALUES_MAX, has_null, type_of_values
from gerador.scenario.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.avro import AvroType

ADDRESS: str = "~together"


class TogetherField(Declared):
    """One field of rows that are written out: those with one `address` come from the same row.

    `values` are the field's in every written row, as many for each field; null may be among them
    where the type is nullable.
    """

    suits: ClassVar[frozenset[str]] = EVERY_TYPE
    main: ClassVar[str | None] = "values"
    kind: Literal["together"] = "together"
    values: Annotated[tuple[Any, ...], Strict(False), Field(min_length=1, max_length=VALUES_MAX)]
    """The field's value in each written row."""
    address: Annotated[str, Field(pattern=r"^~[a-z0-9_]{1,64}$")] = ADDRESS
    """What fields of the same rows have in common: ~ and a word."""

    def natural_type(self) -> Any:
        """Return the type that holds all the values."""
        return type_of_values(self.values)

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield values that are none of the type."""
        for value in self.values:
            try:
                _ = value is None or literal(value, avro_type)
            except ValueError as e:
                yield "values", str(e)

    def gives_null(self) -> bool:
        """Tell whether null is among the values."""
        return has_null(self.values)
