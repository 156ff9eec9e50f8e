"""Whether declarations fit a schema: every path exists, every kind suits its type.

Judges only; it changes nothing and fills nothing in.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from generator.errors import SettingError, did_you_mean
from generator.limits import GENERATION_ROWS_MAX
from generator.scenario.avro import Union
from generator.scenario.by_type import default_field
from generator.scenario.fields import (
    BooleanField,
    BytesField,
    FakerField,
    FieldSpec,
    LengthField,
    TextField,
    UniformField,
)
from generator.scenario.kinds import kinds_for, told, value_name
from generator.scenario.paths import field_paths, types_around

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.scenario.avro import AvroType, Record

LENGTH_MAX: Final = 1_024
"""Characters of a text, bytes, items of an array or entries of a map."""
ITEMS_PER_ROW_MAX: Final = 1_024
"""Items that a row may have on average in arrays and maps inside one another."""
POOL_ROWS_MAX: Final = 65_536
DECIMALS_MAX: Final = 9
STEPS_MAX: Final = 2**53
"""Values that a uniform double or float may take: what a double tells apart."""
KEY_TYPES: Final = frozenset({"string", "int", "long", "bytes", "fixed"})
WHOLE_BOUNDS: Final = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}


def check_generation(where: str, rows: int) -> None:
    """Refuse a generation of too few or too many rows.

    Raises SettingError: one line that begins with `where`, as all of this module.
    """
    if not 1 <= rows <= GENERATION_ROWS_MAX:
        raise SettingError(f"{where}: generations of {rows} rows; give 1 to {GENERATION_ROWS_MAX}")


def check_fields(where: str, root: Record, fields: Mapping[str, FieldSpec]) -> None:
    """Refuse declarations, by field path, that do not fit the record `root`.

    Raises SettingError: names the path and the way out.
    """
    if not root.fields:
        raise SettingError(f"{where}: record {root.name!r} has no fields; give it one")
    paths = dict(field_paths(root))
    for path, declared in fields.items():
        if path not in paths:
            raise SettingError(f"{where}: no field {path!r}{did_you_mean(path, paths)}")
        _check_field(f"{where}: field {path!r}", declared, paths[path])
        _check_items(f"{where}: field {path!r}", path, root, fields)


def _check_field(where: str, declared: FieldSpec, avro_type: AvroType) -> None:
    kinds = kinds_for(avro_type)
    if declared.kind not in kinds:
        suited = ", ".join(sorted(kinds))
        raise SettingError(
            f"{where}: {declared.kind!r} does not suit {told(avro_type)!r}; use {suited}"
        )
    if declared.null_share is not None:
        if not isinstance(avro_type, Union) or avro_type.null_branch is None:
            raise SettingError(f"{where}: null_share on a type that is never null; remove it")
        _check_share(where, "null_share", declared.null_share)
    _check_numbers(where, declared, avro_type)


def _check_numbers(where: str, declared: FieldSpec, avro_type: AvroType) -> None:
    match declared:
        case UniformField():
            _check_uniform(where, declared, avro_type)
        case BooleanField():
            _check_share(where, "true_share", declared.true_share)
        case TextField() | BytesField() | LengthField():
            _check_length(where, declared)
        case FakerField() if declared.pool_rows is not None:
            if not 1 <= declared.pool_rows <= POOL_ROWS_MAX:
                raise SettingError(
                    f"{where}: pool_rows {declared.pool_rows}; give 1 to {POOL_ROWS_MAX}"
                )
        case _:
            return


def _check_length(where: str, declared: TextField | BytesField | LengthField) -> None:
    if not 0 <= declared.length_min <= declared.length_max <= LENGTH_MAX:
        raise SettingError(
            f"{where}: lengths {declared.length_min} to {declared.length_max}; "
            f"give 0 to {LENGTH_MAX}, the smaller first"
        )
    if isinstance(declared, TextField) and not (declared.alphabet and declared.alphabet.isascii()):
        raise SettingError(f"{where}: alphabet {declared.alphabet!r}; give ASCII characters")


def _check_items(where: str, path: str, root: Record, fields: Mapping[str, FieldSpec]) -> None:
    """Refuse lists inside lists whose mean lengths, declared or not, multiply beyond reason."""
    items = 1.0
    for around, avro_type in types_around(root, path):
        length = fields.get(around) or default_field(avro_type, around)
        if isinstance(length, LengthField):
            items *= max(1.0, (length.length_min + length.length_max) / 2)
    if items > ITEMS_PER_ROW_MAX:
        raise SettingError(
            f"{where}: about {items:,.0f} items a row with the lists around it; "
            f"stay within {ITEMS_PER_ROW_MAX}"
        )


def _check_uniform(where: str, declared: UniformField, avro_type: AvroType) -> None:
    low, high, decimals = declared.low, declared.high, declared.decimals
    name = value_name(avro_type)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise SettingError(f"{where}: range {low} to {high}; give the smaller first, finite")
    if not 0 <= decimals <= (0 if name in WHOLE_BOUNDS else DECIMALS_MAX):
        raise SettingError(f"{where}: {decimals} decimals do not suit {name!r}")
    _check_steps(where, declared)
    least, most = WHOLE_BOUNDS.get(name, (-math.inf, math.inf))
    if low < least or high > most:
        raise SettingError(f"{where}: range {low} to {high} does not fit {name!r}")
    if name not in WHOLE_BOUNDS and (high - low) * 10**decimals >= STEPS_MAX:
        raise SettingError(f"{where}: range {low} to {high} has over {STEPS_MAX} steps; narrow it")


def _check_steps(where: str, declared: UniformField) -> None:
    """Refuse ends that are not the nearest number to a decimal with so many decimals."""
    for end in (declared.low, declared.high):
        if round(end, declared.decimals) != end:
            raise SettingError(
                f"{where}: {end} has more than {declared.decimals} decimals; set decimals"
            )


def _check_share(where: str, what: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise SettingError(f"{where}: {what} {share}; give 0 to 1")


def check_key(where: str, root: Record, key: str | None) -> None:
    """Refuse a key that is no field of `root`, or one of a type that makes no key.

    Raises SettingError: names the field and the way out.
    """
    if key is None:
        return
    types = {f.name: f.type for f in root.fields}
    if key not in types:
        raise SettingError(f"{where}: no key field {key!r}{did_you_mean(key, types)}")
    if value_name(types[key]) not in KEY_TYPES:
        raise SettingError(
            f"{where}: key field {key!r} is {told(types[key])!r}; "
            "a key is text, a whole number or bytes"
        )
