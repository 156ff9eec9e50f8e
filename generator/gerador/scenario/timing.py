"""Whether a field's values depend on when rows are due. A live change then changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gerador.scenario.by_type import default_field
from gerador.scenario.fields import (
    EventTimeField,
    FieldSpec,
    FromField,
    OffsetField,
    StatesField,
    WalkField,
)
from gerador.scenario.mentions import needs_of
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from gerador.scenario.model import StreamSpec


def goes_by_time(spec: StreamSpec, field: str) -> bool:
    """Tell whether the top-level `field`, or what it is made from, may depend on event time.

    What is looked up in another stream may always.
    """
    paths = dict(field_paths(spec.row))
    needs = needs_of(spec.row, spec.fields)
    waiting, seen = [field], set[str]()
    while waiting:
        top = waiting.pop()
        inside = [p for p in paths if _top(p) == top]
        seen.add(top)
        if any(_by_time(spec.fields.get(p) or default_field(paths[p], p)) for p in inside):
            return True
        needed = {_top(n) for p in inside for n in needs.get(p, ())}
        waiting += sorted(needed - seen)
    return False


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0].partition("{")[0].partition("<")[0]


def _by_time(declared: FieldSpec) -> bool:
    if isinstance(declared, WalkField | StatesField):
        return declared.every is not None
    return isinstance(declared, EventTimeField | OffsetField | FromField)
