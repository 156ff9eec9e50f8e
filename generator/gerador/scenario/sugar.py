"""Short forms in a scenario's file: what an editor is told of them, and words for numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gerador.rates import FULL_SPEED
from gerador.scenario.rates import read_rate

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class AlsoText:
    """Tells the JSON Schema that a text of `pattern`, or a number, stands for a whole form."""

    pattern: str
    number: bool = True

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        short = [{"type": "string", "pattern": self.pattern}]
        if self.number:
            short.append({"type": "number"})
        return {"anyOf": [*short, handler(core)]}


def read_full_speed(value: Any) -> Any:
    """Read ``max``, or a rate.

    Raises ValueError: neither.
    """
    if isinstance(value, str) and value.strip() == FULL_SPEED:
        return FULL_SPEED
    return read_rate(value)
