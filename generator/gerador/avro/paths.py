"""Field paths into a schema (``a.b``, ``a[]``, ``a{}``, ``a<int>``) and the types at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gerador.avro.schema import (
    Array,
    AvroType,
    Map,
    Primitive,
    Record,
    Union,
    branch_name,
    non_null_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


MAP_KEYS: Final = "{#}"
MAP_KEY_TYPE: Final = Primitive("string")


def field_paths(avro_type: AvroType, path: str = "") -> Iterator[tuple[str, AvroType]]:
    """Yield the path and type of each field, item, map key, map value and union branch.

    The type of a nullable field is the union; the branches of other unions are ``path<branch>``.
    """
    if path:
        yield path, avro_type
    if isinstance(non_null_type(avro_type), Map):
        yield f"{path}{MAP_KEYS}", MAP_KEY_TYPE
    for child_path, child in child_types(avro_type, path):
        yield from field_paths(child, child_path)


def types_along(avro_type: AvroType, path: str, at: str = "") -> Iterator[tuple[str, AvroType]]:
    """Yield the paths and types from `at`, exclusive, to `path`, inclusive; it must exist."""
    while at != path:
        if path == f"{at}{MAP_KEYS}":
            yield path, MAP_KEY_TYPE
            return
        at, avro_type = next(
            (child, inner)
            for child, inner in child_types(avro_type, at)
            if path == child or (path.startswith(child) and path[len(child)] in ".[{<")
        )
        yield at, avro_type


def child_types(avro_type: AvroType, path: str) -> Iterator[tuple[str, AvroType]]:
    """Yield the types directly inside `avro_type` (or a nullable's value) with their paths."""
    match avro_type:
        case Record():
            for f in avro_type.fields:
                yield f"{path}.{f.name}" if path else f.name, f.type
        case Array():
            yield f"{path}[]", avro_type.items
        case Map():
            yield f"{path}{{}}", avro_type.values
        case Union() if avro_type.null_branch is not None:
            yield from child_types(avro_type.value, path)
        case Union():
            for branch in avro_type.branches:
                yield f"{path}<{branch_name(branch)}>", branch
        case _:
            return
