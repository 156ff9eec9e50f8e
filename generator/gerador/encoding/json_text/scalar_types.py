"""Column encoders that write null, booleans, strings, bytes, enums and numbers as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gerador.encoding import arrow_views, scalar_types
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

if TYPE_CHECKING:
    from gerador.encoding.column_encoder import RowOf
    from gerador.kernel_compiler import F64, I32, I64, U8, IntArray


NON_FINITE_TEXTS: Final = {"nan": '"NaN"', "inf": '"Infinity"', "-inf": '"-Infinity"'}
"""By Arrow's text: the text of values that are not JSON numbers, as in Avro 1.12's JSON."""


class NullEncoder(scalar_types.NullEncoder):
    """``null``."""

    def measure_unprefixed(self, _column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure the same text in every row."""
        np.add(lengths, len(b"null"), out=lengths)
        return constant(b"null")


class BooleanEncoder(scalar_types.BooleanEncoder):
    """``true`` or ``false``."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a boolean column."""
        self.check_type(column.type)
        values = arrow_views.booleans(column)
        np.subtract(lengths + len(b"false"), values, out=lengths)
        texts = EncodedValues.from_list([b"false", b"true"])
        return _texts_writer(texts, values.astype(np.int32))


class StringEncoder(scalar_types.StringOrBytesEncoder):
    """Text in quotation marks. It is trusted to be UTF-8."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of text; only columns that need escapes pay for them."""
        offsets, data = self.offsets_and_data(column)
        if not count_special(data, int(offsets[0]), int(offsets[-1])):
            measure_quoted(offsets, lengths)
            return ColumnWriter(
                2, lambda out, cursors, _slack: write_quoted(offsets, data, out, cursors)
            )
        measure_escaped(offsets, data, lengths)
        return ColumnWriter(
            2, lambda out, cursors, _slack: write_escaped(offsets, data, out, cursors)
        )


class Base64Encoder(scalar_types.StringOrBytesEncoder):
    """Bytes as base64 text."""

    def __init__(self, path: str, prefix: bytes) -> None:
        super().__init__(path, prefix, scalar_types.BYTES_TYPES)

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of bytes."""
        return _measure_base64(*self.offsets_and_data(column), lengths)


class FixedBase64Encoder(scalar_types.TypedEncoder):
    """A fixed as base64 text."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of fixed-size binary."""
        self.check_type(column.type)
        width = self.expected.byte_width
        offsets = np.arange(len(column) + 1, dtype=np.int64) * width
        return _measure_base64(offsets, arrow_views.raw_bytes(column, width), lengths)


class EnumNameEncoder(scalar_types.EnumEncoder):
    """The name of a symbol in quotation marks."""

    def __init__(self, path: str, symbols: tuple[str, ...], prefix: bytes) -> None:
        super().__init__(path, symbols)
        self._names = EncodedValues.from_list([prefix + f'"{name}"'.encode() for name in symbols])

    def measure_unprefixed(self, column: pa.Array, lengths: I64, row_of: RowOf) -> ColumnWriter:
        """Measure a column of symbols."""
        codes = self.codes(column, row_of)
        np.add(lengths, self._names.lengths[codes], out=lengths)
        return _texts_writer(self._names, codes)


def _measure_base64(offsets: IntArray, data: U8, lengths: I64) -> ColumnWriter:
    measure_base64(offsets, lengths)
    return ColumnWriter(2, lambda out, cursors, _slack: write_base64(offsets, data, out, cursors))


def _texts_writer(texts: EncodedValues, indices: I32) -> ColumnWriter:
    """Return the writer of each row's text, the one at its index."""
    offsets, data = texts.offsets, texts.data
    return ColumnWriter(
        int(texts.lengths.min()) if len(texts) else 0,
        lambda out, cursors, _slack: write_dictionary(indices, offsets, data, 0, out, cursors),
    )


class IntegerEncoder(scalar_types.TypedEncoder):
    """An int or a long as decimal digits."""

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of integers."""
        self.check_type(column.type)
        values = arrow_views.integers(column)
        measure_integers(values, lengths)
        return ColumnWriter(1, lambda out, cursors, _slack: write_integers(values, out, cursors))


class FloatEncoder(scalar_types.TypedEncoder):
    """The shortest decimal that reads back as the same double; a float is widened first.

    NaN and the infinities are text. A kernel writes numbers of few decimals; Arrow writes the
    others, at about 3 million per second.
    """

    def measure_unprefixed(self, column: pa.Array, lengths: I64, _row_of: RowOf) -> ColumnWriter:
        """Measure a column of floats or doubles."""
        self.check_type(column.type)
        values = arrow_views.fixed_width(column.cast(pa.float64()), np.float64)
        scaled, decimals = np.empty(len(values), np.int64), np.empty(len(values), np.int32)
        if not scale_doubles(values, scaled, decimals):
            measure_scaled_decimals(scaled, decimals, lengths)
            return ColumnWriter(
                3,
                lambda out, cursors, _slack: write_scaled_decimals(scaled, decimals, out, cursors),
            )
        return _measure_mixed_doubles(values, scaled, decimals, lengths)


def _measure_mixed_doubles(values: F64, scaled: I64, decimals: I32, lengths: I64) -> ColumnWriter:
    """Measure the numbers of few decimals and the others as two columns."""
    is_short = decimals != NO_DECIMALS
    short_rows, long_rows = np.flatnonzero(is_short), np.flatnonzero(~is_short)
    scaled, decimals = scaled[short_rows], decimals[short_rows]
    short_lengths = np.zeros(len(short_rows), np.int64)
    measure_scaled_decimals(scaled, decimals, short_lengths)
    offsets, data = arrow_views.offsets_and_data(_number_texts(values[long_rows]))
    texts = EncodedValues(data, offsets.astype(np.int64))
    lengths[short_rows] += short_lengths
    lengths[long_rows] += texts.lengths

    def write(out: U8, cursors: I64, _slack: int) -> None:
        short_cursors, long_cursors = cursors[short_rows], cursors[long_rows]
        write_scaled_decimals(scaled, decimals, out, short_cursors)
        texts.write(out, long_cursors)
        cursors[short_rows], cursors[long_rows] = short_cursors, long_cursors

    return ColumnWriter(1, write)


def _number_texts(values: F64) -> pa.Array:
    """Return doubles as JSON; negative zero is ``-0.0``."""
    texts = pa.array(values).cast(pa.string())
    for arrow_text, json_text in (*NON_FINITE_TEXTS.items(), ("-0", "-0.0")):
        texts = pc.if_else(pc.equal(texts, arrow_text), json_text, texts)
    return texts
