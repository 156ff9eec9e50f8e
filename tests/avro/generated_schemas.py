"""Hypothesis strategies for Avro record schemas as JSON objects: every type, nested, logical."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import strategies as st

DEPTH_MAX = 2
_numbers = count()

PLAIN = ["boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL = {
    "date": "int",
    "time-millis": "int",
    "time-micros": "long",
    "timestamp-millis": "long",
    "timestamp-micros": "long",
    "timestamp-nanos": "long",
    "local-timestamp-millis": "long",
    "local-timestamp-micros": "long",
    "local-timestamp-nanos": "long",
    "uuid": "string",
}


def named(prefix: str) -> str:
    """Return a name that no other type has; only its uniqueness matters."""
    return f"{prefix}{next(_numbers)}"


def logical() -> st.SearchStrategy[Any]:
    """Primitive types with a logical type."""
    return st.sampled_from(sorted(LOGICAL)).map(lambda n: {"type": LOGICAL[n], "logicalType": n})


@st.composite
def decimals(draw: st.DrawFn) -> Any:
    """Decimals of any precision, on bytes or on a fixed that holds them."""
    precision = draw(st.integers(1, 76))
    kind = {"logicalType": "decimal", "precision": precision}
    kind["scale"] = draw(st.integers(0, precision))
    if draw(st.booleans()):
        return {"type": "bytes", **kind}
    return {"type": "fixed", "name": named("Dec"), "size": 33, **kind}


def fixeds() -> st.SearchStrategy[Any]:
    """Make fixed types, plain and logical."""
    plain = st.integers(1, 20).map(lambda n: {"type": "fixed", "name": named("F"), "size": n})
    duration = st.builds(
        lambda: {"type": "fixed", "name": named("D"), "size": 12, "logicalType": "duration"}
    )
    uuid = st.builds(
        lambda: {"type": "fixed", "name": named("U"), "size": 16, "logicalType": "uuid"}
    )
    return plain | duration | uuid


def enums() -> st.SearchStrategy[Any]:
    """Enums of one to five symbols."""
    return st.integers(1, 5).map(
        lambda n: {"type": "enum", "name": named("E"), "symbols": [f"S{i}" for i in range(n)]}
    )


def scalars() -> st.SearchStrategy[Any]:
    """Types without others inside."""
    return st.sampled_from(PLAIN) | logical() | decimals() | fixeds() | enums()


@st.composite
def unions(draw: st.DrawFn, depth: int) -> Any:
    """Nullable types, either branch first, and unions of branches with different names."""
    if draw(st.booleans()):
        value = draw(types(depth, union=False))
        return draw(st.permutations(["null", value]))
    names = draw(st.lists(st.sampled_from([*PLAIN, "null"]), min_size=1, max_size=4, unique=True))
    return [*names, draw(enums()), draw(records(depth))]


@st.composite
def records(draw: st.DrawFn, depth: int = DEPTH_MAX) -> Any:
    """Make records of one to four fields."""
    kinds = draw(st.lists(types(depth - 1), min_size=1, max_size=4))
    fields = [{"name": f"f{i}", "type": kind} for i, kind in enumerate(kinds)]
    return {"type": "record", "name": named("R"), "fields": fields}


@st.composite
def types(draw: st.DrawFn, depth: int = DEPTH_MAX, *, union: bool = True) -> Any:
    """Any type, at most `depth` levels deep."""
    if depth <= 0:
        return draw(scalars() | st.just("null") if union else scalars())
    choices = [scalars(), records(depth)]
    choices.append(types(depth - 1).map(lambda t: {"type": "array", "items": t}))
    choices.append(types(depth - 1).map(lambda t: {"type": "map", "values": t}))
    if union:
        choices.append(unions(depth - 1))
    return draw(st.one_of(choices))
