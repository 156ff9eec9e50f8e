"""One encoder may be used by several threads; all kernels can be compiled ahead."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from gerador.encoding import kernels
from gerador.encoding.avro_encoder import AvroRowEncoder
from gerador.encoding.compile_kernels import compile_module, kernel_modules
from gerador.encoding.dictionary_cache import CACHED_DICTIONARIES_MAX
from gerador.values import kernels as value_kernels
from tests.encoding.test_avro_encoder import schema_of


def test_threads_share_an_encoder() -> None:
    """Four threads encode more dictionaries than the cache has entries; all rows are right."""
    encoder = AvroRowEncoder(schema_of(("f", "string")).root)

    def encode(number: int) -> bool:
        texts = [f"{number}", "x" * (number % 50)]
        column = pa.DictionaryArray.from_arrays(pa.array([0, 1] * 500), pa.array(texts))
        datums = encoder.encode(pa.RecordBatch.from_arrays([column], names=["f"]))
        expected = [bytes([2 * len(text)]) + text.encode() for text in texts]
        return list(datums) == expected * 500

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(encode, range(CACHED_DICTIONARIES_MAX * 10)))


def test_all_kernels_are_compiled_ahead() -> None:
    """As many kernels are compiled as the sources of the kernel packages declare."""
    folders = [Path(folder) for folder in (*kernels.__path__, *value_kernels.__path__)]
    declared = sum(f.read_text().count("\n@kernel(") for d in folders for f in d.glob("*.py"))
    assert sum(map(compile_module, kernel_modules())) == declared > 50
