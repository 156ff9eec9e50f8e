"""Synthetic event streams for Kafka that can be computed again, row by row.

A stream is an infinite table. Row n is a pure function of the stream, its seed and its start time,
for any process, range and number of workers:

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

Convert the rows with pandas or Polars, or encode them as Avro:

>>> int(people.rows(0, 100_000).to_pandas().idade.max())
80
>>> datums = people.encode(0, 10)
>>> len(datums), type(datums[0])
(10, <class 'bytes'>)

Any Avro schema defines a stream, with default generators by type:

>>> points = gerador.stream(
...     schema={"type": "record", "name": "Point", "fields": [{"name": "x", "type": "int"}]},
...     seed=1,
... )
>>> points.rows(10**9, 10**9 + 3)["x"].to_pylist()
[650734, 58581, 839310]

A scenario defines several streams, which can reference each other's rows:

>>> shop = gerador.streams("ecommerce", start="2026-01-01T00:00:00Z")
>>> sorted(shop)
['clientes', 'pagamentos', 'pedidos', 'produtos']
>>> customers = set(shop["clientes"].rows(0, 20_000)["id"].to_pylist())
>>> references = shop["pedidos"].rows(0, 10_000)["cliente_id"].to_pylist()
>>> round(sum(key not in customers for key in references) / len(references), 2)  # missing: 1%
0.01

Public names are imported on first use: ``import gerador`` alone loads no dependency.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gerador.errors import GeradorError
    from gerador.python_api import Stream, stream, streams

    __version__: str

__all__ = ["GeradorError", "Stream", "__version__", "stream", "streams"]

_DISTRIBUTION: Final = "gerador-stream"
_MODULES: Final = {
    "GeradorError": "gerador.errors",
    "Stream": "gerador.python_api",
    "streams": "gerador.python_api",
    "stream": "gerador.python_api",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name == "__version__":
        return import_module("importlib.metadata").version(_DISTRIBUTION)
    if name not in _MODULES:
        raise AttributeError(f"module 'gerador' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
