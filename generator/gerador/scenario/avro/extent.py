"""How deep and how large a schema may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.scenario.avro.tree import AvroType, types_inside

if TYPE_CHECKING:
    from gerador.errors import SchemaError
    from gerador.scenario.avro.place import Place

SCHEMA_DEPTH_MAX: Final = 64
"""Nested types that a schema may have; deeper ones are refused rather than overflow a stack."""
SCHEMA_TYPES_MAX: Final = 10_000
"""Types of a schema once its named types are written out wherever they are used."""


def check_extent(root: AvroType, top: Place) -> None:
    """Refuse what references to named types make too deep or too large.

    Cost: O(types written out), at most SCHEMA_TYPES_MAX. Raises SchemaError.
    """
    seen, waiting = 0, [(0, root)]
    while waiting:
        depth, avro_type = waiting.pop()
        seen += 1
        if depth > SCHEMA_DEPTH_MAX:
            raise too_deep(top)
        if seen > SCHEMA_TYPES_MAX:
            raise top.refusal(
                f"over {SCHEMA_TYPES_MAX} types once its named types are written out; "
                "make it smaller"
            )
        waiting += [(depth + 1, inner) for inner in types_inside(avro_type)]


def too_deep(top: Place) -> SchemaError:
    """Return the refusal of a schema that is nested too deep."""
    return top.refusal(f"nested deeper than {SCHEMA_DEPTH_MAX} types; flatten the schema")
