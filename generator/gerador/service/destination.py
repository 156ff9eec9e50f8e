"""Where a stream goes: the sink, and how slices are made for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gerador.delivery.sink import Sink
    from gerador.events.pace import Pace
    from gerador.events.rows import StreamRows
    from gerador.service.maker import Maker


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a stream goes, and how its slices are made for there.

    `maker` is called once, when the sink is ready and the number of partitions is known. `notices`
    may say lines about a start and a pace that will surprise (times that retention deletes, …).
    """

    sink: Sink
    maker: Callable[[StreamRows], Maker]
    topic: str | None = None
    framing: str | None = None
    schema_id: Callable[[], int | None] = lambda: None
    notices: Callable[[datetime, Pace], Sequence[str]] = lambda _, __: ()
    linger_s: float = 0.01
