"""Whether values that are to be unique can be: as many different ones as the stream has rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.errors import SettingError
from gerador.scenario.avro import Union
from gerador.scenario.fields import RegexField
from gerador.scenario.fields.pattern_texts import texts_of
from gerador.scenario.paths import field_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.avro import AvroType, Record
    from gerador.scenario.fields import FieldSpec

ROWS_ENDLESS: Final = 2**53
"""Rows that an endless stream may come to: as many as there are row indices."""


def check_unique(
    where: str, root: Record, fields: Mapping[str, FieldSpec], rows: int | None
) -> None:
    """Refuse declarations of unique values that there are too few of.

    `rows` is what the stream sends in all, None for an endless one.

    Raises SettingError: one line that begins with `where`, names the path and the way out.
    """
    for path, _, text in about_unique(root, fields, rows):
        raise SettingError(f"{where}: field {path!r}: {text}")


def about_unique(
    root: Record, fields: Mapping[str, FieldSpec], rows: int | None
) -> Iterator[tuple[str, str, str]]:
    """Yield (path, parameter, complaint) for values that cannot be unique."""
    paths = dict(field_paths(root))
    for path, declared in fields.items():
        if not declared.unique or path not in paths:
            continue
        if "[]" in path or "{}" in path:
            yield path, "unique", "unique: items of lists cannot be; a field of the row can"
            continue
        text = unique_refusal(declared, paths[path], rows)
        if text is not None:
            yield path, "unique", text


def unique_refusal(declared: FieldSpec, avro_type: AvroType, rows: int | None) -> str | None:
    """Return why values of a declaration cannot be unique in so many rows; None: they can."""
    if not declared.unique:
        return None
    nullable = isinstance(avro_type, Union) and avro_type.null_branch is not None
    value = avro_type.value if isinstance(avro_type, Union) and nullable else avro_type
    space = declared.space(value)
    if space is None:
        return f"unique: {declared.kind!r} cannot be; use uuid, sequence, uniform or choice"
    if rows is None and space < ROWS_ENDLESS:
        return (
            f"unique: an endless stream needs values without end, {_told(declared)} has "
            f"{space:,}; say how many rows it sends (rows: …), or use uuid or a sequence"
        )
    if rows is not None and space < rows:
        return (
            f"unique: {rows:,} rows need as many values, {_told(declared)} has {space:,}; "
            "widen it or send fewer rows"
        )
    return None


def _told(declared: FieldSpec) -> str:
    """Return a declaration in a few words: ``uniform 1 to 9,999``."""
    ends = getattr(declared, "min", None), getattr(declared, "max", None)
    if all(isinstance(end, int | float) for end in ends):
        return f"{declared.kind} {ends[0]:,} to {ends[1]:,}"
    if isinstance(declared, RegexField) and texts_of(declared.tree, *declared.lengths) is None:
        return "regex, by the characters that all its texts have at the same place,"
    return declared.kind
