"""The kind of floating numbers that are as fine as their type, in a half-open span."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from gerador.scenario.fields.declared import Declared
from gerador.scenario.type_words import type_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.avro import AvroType

FLOAT_MAX: Final = (2 - 2**-23) * 2.0**127
"""The largest finite float of 32 bits (IEEE 754, binary32)."""


class SpanField(Declared):
    """Numbers from `min` to before `max`, equally likely, with all the digits of the type."""

    suits: ClassVar[frozenset[str]] = frozenset({"float", "double"})
    kind: Literal["span"] = "span"
    min: float = 0.0
    """The least number, included."""
    max: float = 1.0
    """The number that is not reached any more."""

    def natural_type(self) -> Any:
        """Return double."""
        return "double"

    def refusals(self, avro_type: AvroType) -> Iterator[tuple[str, str]]:
        """Yield a span without a number in it, or wider than the type holds."""
        word = type_word(avro_type)
        if self.min >= self.max:
            yield "min", f"no number from {self.min} to before {self.max}; give the smaller first"
        elif word == "float" and max(abs(self.min), abs(self.max)) > FLOAT_MAX:
            yield "max", f"{self.min} to {self.max} does not fit 'float'; narrow it"
        elif self.max - self.min == float("inf"):
            yield "max", f"{self.min} to {self.max} is wider than a double; narrow it"
