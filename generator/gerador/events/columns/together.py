"""Columns of fields that come from the same one of several rows that are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.events.columns.choices import Chosen, column_type, entries_of
from gerador.scenario.fields import TogetherField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.events.columns.making import Make, Making, Place


def _together(_: Making, place: Place, declared: TogetherField) -> Chosen:
    """Return a choice that is drawn at the address which fields of the same rows share."""
    entries, places = entries_of(declared.values, place.avro_type)
    return Chosen(declared.address, column_type(entries), entries, places)


MAKERS: Final[Mapping[type, Make]] = {TogetherField: _together}
