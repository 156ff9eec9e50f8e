"""Python's garbage collector, told what will live as long as the process."""

from __future__ import annotations

import gc


def spare_the_collector() -> None:
    """Collect once, then let what is left be looked at no more.

    What is loaded by the time a stream runs (code, schemas, the API) is hundreds of thousands of
    objects; walking them again and again would hold up the event loop for tenths of a second.
    """
    gc.collect()
    gc.freeze()
