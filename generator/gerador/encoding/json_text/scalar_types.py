"""Column encoders that write null, booleans, strings, bytes, enums and numbers as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import arrow_views
from gerador.encoding.column_encoder import PrefixedEncoder
from gerador.encoding.encoded_values import ColumnWriter, EncodedValues, constant
from gerador.encoding.kernels.base64_and_uuid import measure_base64, write_base64
from gerador.encoding.kernels.byte_strings import write_dictionary
from gerador.encoding.kernels.json_strings import (
    count_special,
    measure_escaped,
    measure_quoted,
    write_escaped,
    write_quoted,
)
from gerador.encoding.kernels.number_text import (
    NO_DECIMALS,
    measure_integers,
    measure_scaled_decimals,
    scale_doubles,
    write_integers,
    write_scaled_decimals,
)
from gerador.encoding.scalar_types import BYTES_TYPES, TEXT_TYPES, EnumEncoder

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import F64, I32, I64, U8


AcceptedTypes: TypeAlias = tuple[tuple[pa.DataType, ...], pa.DataType]
"""Arrow types that are read as they are, and the view type that is gathered into the first."""


class NullEncoder(PrefixedEncoder):
    """``null``."""

    def measure(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Accept nulls, and nothing else."""
        if column.null_count != len(column):
            raise self.wrong_type(column.type, pa.null())
        return self.measure_values(column, lengths, row_of)

    def measure_bare(self, _column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure the same word in every row."""
        np.add(lengths, len(b"null"), out=lengths)
        return constant(b"null")


class BooleanEncoder(PrefixedEncoder):
    """``true`` or ``false``."""

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a boolean column."""
        if column.type != pa.bool_():
            raise self.wrong_type(column.type, pa.bool_())
        words = EncodedValues.from_list([b"false", b"true"])
        values = arrow_views.booleans(column)
        np.subtract(lengths + len(b"false"), values, out=lengths)
        return _dictionary_writer(words, values.astype(np.int32))


class StringEncoder(PrefixedEncoder):
    """Text in quotation marks. It is trusted to be UTF-8."""

    def __init__(self, path: str, before: bytes = b"", kinds: AcceptedTypes = TEXT_TYPES) -> None:
        super().__init__(path, before)
        self._kinds = kinds

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of text; escapes cost only those columns that need any."""
        offsets, data = self.spans(column)
        if not count_special(data, int(offsets[0]), int(offsets[-1])):
            measure_quoted(offsets, lengths)
            return ColumnWriter(
                2, lambda out, cursors, _slack: write_quoted(offsets, data, out, cursors)
            )
        measure_escaped(offsets, data, lengths)
        return ColumnWriter(
            2, lambda out, cursors, _slack: write_escaped(offsets, data, out, cursors)
        )

    def spans(self, column: pa.Array) -> tuple[np.ndarray, U8]:
        """Return offsets and data of a column of one of the node's types."""
        kinds, view = self._kinds
        if column.type == view:
            column = column.cast(kinds[0])
        if column.type not in kinds:
            raise self.wrong_type(column.type, kinds[0])
        return arrow_views.offsets_and_data(column)


class Base64Encoder(StringEncoder):
    """Bytes as base64 text."""

    def __init__(self, path: str, before: bytes) -> None:
        super().__init__(path, before, BYTES_TYPES)

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of bytes."""
        offsets, data = self.spans(column)
        measure_base64(offsets, lengths)
        return ColumnWriter(
            2, lambda out, cursors, _slack: write_base64(offsets, data, out, cursors)
        )


class FixedBase64Encoder(PrefixedEncoder):
    """A fixed as base64 text."""

    def __init__(self, path: str, size: int, before: bytes) -> None:
        super().__init__(path, before)
        self._size = size

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of fixed-size binary."""
        if column.type != pa.binary(self._size):
            raise self.wrong_type(column.type, pa.binary(self._size))
        data = arrow_views.raw_bytes(column, self._size)
        offsets = np.arange(len(column) + 1, dtype=np.int64) * self._size
        measure_base64(offsets, lengths)
        return ColumnWriter(
            2, lambda out, cursors, _slack: write_base64(offsets, data, out, cursors)
        )


class EnumNameEncoder(EnumEncoder):
    """A symbol's name."""

    def __init__(self, path: str, symbols: tuple[str, ...], before: bytes) -> None:
        super().__init__(path, symbols)
        self._names = EncodedValues.from_list([before + f'"{name}"'.encode() for name in symbols])

    def measure_values(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of symbols' names."""
        codes = self.codes(column, row_of)
        np.add(lengths, self._names.lengths[codes], out=lengths)
        return _dictionary_writer(self._names, codes)


def _dictionary_writer(words: EncodedValues, indices: np.ndarray) -> ColumnWriter:
    """Return the part that writes the word of each row's index."""
    offsets, data = words.offsets, words.data
    return ColumnWriter(
        int(words.lengths.min()) if len(words) else 0,
        lambda out, cursors, _slack: write_dictionary(indices, offsets, data, 0, out, cursors),
    )


NON_FINITE_TEXTS: Final = {"nan": '"NaN"', "inf": '"Infinity"', "-inf": '"-Infinity"'}
"""Arrow's text to JSON's for what JSON has no number for (Avro 1.12 writes the same)."""


class IntegerEncoder(PrefixedEncoder):
    """Decimal digits of an int or a long."""

    def __init__(self, path: str, expected: pa.DataType, before: bytes) -> None:
        super().__init__(path, before)
        self._expected = expected

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of whole numbers."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        values = arrow_views.fixed_width(column, self._expected.to_pandas_dtype())
        measure_integers(values, lengths)
        return ColumnWriter(1, lambda out, cursors, _slack: write_integers(values, out, cursors))


class FloatEncoder(PrefixedEncoder):
    """The shortest decimal that reads back as the same double; a float is widened first.

    NaN and the infinities are text. Numbers of few decimals take a quick way; the others Arrow
    writes, some three million a second.
    """

    def __init__(self, path: str, expected: pa.DataType, before: bytes) -> None:
        super().__init__(path, before)
        self._expected = expected

    def measure_bare(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of floats or doubles."""
        if column.type != self._expected:
            raise self.wrong_type(column.type, self._expected)
        values = arrow_views.fixed_width(column.cast(pa.float64()), np.float64)
        scaled, decimals = np.empty(len(values), np.int64), np.empty(len(values), np.int32)
        if not scale_doubles(values, scaled, decimals):
            measure_scaled_decimals(scaled, decimals, lengths)
            return ColumnWriter(
                3,
                lambda out, cursors, _slack: write_scaled_decimals(scaled, decimals, out, cursors),
            )
        return self._mixed(values, scaled, decimals, lengths)

    @staticmethod
    def _mixed(values: F64, scaled: I64, decimals: I32, lengths: I64) -> ColumnWriter:
        """Measure the numbers of few decimals and the others as columns of their own."""
        quick = decimals != NO_DECIMALS
        short, long = np.flatnonzero(quick), np.flatnonzero(~quick)
        few, places = scaled[short], decimals[short]
        own = np.zeros(len(short), np.int64)
        measure_scaled_decimals(few, places, own)
        offsets, data = arrow_views.offsets_and_data(_number_texts(values[long]))
        texts = EncodedValues(data, offsets.astype(np.int64))
        lengths[short] += own
        lengths[long] += texts.lengths

        def write(out: U8, cursors: I64, _slack: int) -> None:
            at = cursors[short]
            write_scaled_decimals(few, places, out, at)
            cursors[short] = at
            at = cursors[long]
            texts.write(out, at)
            cursors[long] = at

        return ColumnWriter(1, write)


def _number_texts(values: F64) -> pa.Array:
    """Return doubles as JSON; negative zero keeps its sign and its point."""
    found = pa.array(values).cast(pa.string())
    for odd, text in (*NON_FINITE_TEXTS.items(), ("-0", "-0.0")):
        found = pc.if_else(pc.equal(found, odd), text, found)
    return found
