"""From declarations to columns: the column of an Avro type at a field path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.events.columns import (
    addresses,
    choices,
    decimals,
    lists,
    lookups,
    nested,
    numbers,
    offsets,
    plugins,
    pooled,
    regexes,
    sequences,
    spans,
    sql,
    states,
    templates,
    texts,
    times,
    together,
    uuids,
    walks,
)
from gerador.events.columns.making import Make, Making, place_of
from gerador.events.columns.nested import Fields, Nullable
from gerador.scenario.avro import AvroType, Union
from gerador.scenario.by_type import default_field
from gerador.scenario.mentions import needs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gerador.events.columns.column import Column
    from gerador.events.rows import StreamRows
    from gerador.events.seeds import StreamSeeds
    from gerador.scenario.model import StreamSpec

MAKERS: Final[Mapping[type, Make]] = {
    **addresses.MAKERS,
    **choices.MAKERS,
    **decimals.MAKERS,
    **lists.MAKERS,
    **lookups.MAKERS,
    **nested.MAKERS,
    **numbers.MAKERS,
    **offsets.MAKERS,
    **plugins.MAKERS,
    **pooled.MAKERS,
    **regexes.MAKERS,
    **sql.MAKERS,
    **states.MAKERS,
    **templates.MAKERS,
    **sequences.MAKERS,
    **spans.MAKERS,
    **texts.MAKERS,
    **times.MAKERS,
    **together.MAKERS,
    **uuids.MAKERS,
    **walks.MAKERS,
}
"""What makes a column, by the class of its declaration."""


class ColumnMaker:
    """Makes the columns of one stream from its declarations, and the defaults of types."""

    def __init__(
        self, spec: StreamSpec, seeds: StreamSeeds, other: Callable[[str], StreamRows]
    ) -> None:
        self._fields = spec.fields
        self._making = Making(
            root=spec.row,
            fields=spec.fields,
            seeds=seeds,
            other=other,
            column=self._column,
            needs=needs_of(spec.row, spec.fields),
            rows=spec.rows,
        )

    def fields(self) -> Fields:
        """Return the columns of the row, its hidden fields first.

        Cost: that of the Faker pools beneath. Raises SettingError: as `pools.pool`.
        """
        return nested.fields_of(self._making, self._making.root, "")

    def _column(self, avro_type: AvroType, path: str) -> Column:
        declared = self._fields.get(path) or default_field(avro_type, path)
        if isinstance(avro_type, Union) and avro_type.null_branch is not None:
            value = MAKERS[type(declared)](self._making, place_of(path, avro_type.value), declared)
            return Nullable(path, value.type, declared.null_share(), value)
        made: Column = MAKERS[type(declared)](self._making, place_of(path, avro_type), declared)
        return made
