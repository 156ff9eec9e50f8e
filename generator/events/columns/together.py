"""Columns of fields that come from the same one of several rows that are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.events.columns.choices import Chosen, column_type
from generator.events.columns.literals import array_of
from generator.scenario.avro import Primitive, Union
from generator.scenario.fields import TogetherField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.events.columns.making import Make, Making, Place


def _together(_: Making, place: Place, declared: TogetherField) -> Chosen:
    """Return a choice that is drawn at the address which fields of the same rows share."""
    there = None not in declared.values
    avro_type = place.avro_type if there else Union((Primitive("null"), place.avro_type))
    entries = array_of(declared.values, avro_type)
    return Chosen(declared.address, column_type(entries), entries)


MAKERS: Final[Mapping[type, Make]] = {TogetherField: _together}
