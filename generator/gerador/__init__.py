"""Gerador: synthetic events whose streams come with the answer key.

A stream is an infinite table. Row n is a pure function of the stream, its seed and its start,
however and wherever rows are made:

>>> import gerador
>>> people = gerador.stream("registros", seed=42, start="2026-01-01T00:00:00Z", rate=1000)
>>> rows = people.rows(0, 10)  # a pyarrow.RecordBatch
>>> rows.num_rows, rows.schema.names
(10, ['nome', 'idade', 'salario', 'cidade', 'cargo', 'timestamp', 'geracao_id'])
>>> rows["idade"].to_pylist()
[46, 23, 29, 44, 58, 28, 26, 40, 72, 21]
>>> rows["timestamp"][9].as_py().isoformat()
'2026-01-01T00:00:00.009000+00:00'
>>> people.rows(4, 7).equals(rows.slice(4, 3))
True

pandas and Polars take the columns from there, the encoder makes Avro datums of the same rows:

>>> int(people.rows(0, 100_000).to_pandas().idade.max())
80
>>> datums = people.encode(0, 10)
>>> len(datums), type(datums[0])
(10, <class 'bytes'>)

Any Avro record schema is a stream too, with values by type:

>>> points = gerador.stream(
...     schema={"type": "record", "name": "Point", "fields": [{"name": "x", "type": "int"}]},
...     seed=1,
... )
>>> points.rows(10**9, 10**9 + 3)["x"].to_pylist()
[650734, 58581, 839310]

So are the streams of a scenario, which look at each other's rows:

>>> shop = gerador.streams("ecommerce", start="2026-01-01T00:00:00Z")
>>> sorted(shop)
['clientes', 'pagamentos', 'pedidos', 'produtos']
>>> customers = set(shop["clientes"].rows(0, 20_000)["id"].to_pylist())
>>> asked = shop["pedidos"].rows(0, 10_000)["cliente_id"].to_pylist()
>>> round(sum(one not in customers for one in asked) / len(asked), 2)  # declared: 1 %
0.01

Nothing heavy is imported before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gerador.errors import GeradorError
    from gerador.stream import Stream, stream, streams

__all__ = ["GeradorError", "Stream", "stream", "streams"]

_HOMES: Final = {
    "GeradorError": "gerador.errors",
    "Stream": "gerador.stream",
    "streams": "gerador.stream",
    "stream": "gerador.stream",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gerador' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
