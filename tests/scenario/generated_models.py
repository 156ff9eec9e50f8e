"""Hypothesis strategies for scenarios: each generator with any parameters, from the model."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, ValidationError

from gerador.scenario.model import Scenario, StreamModel
from gerador.scenario.nested_values import CONTAINERS, expand_value
from gerador.values import GENERATORS
from gerador.values.declaration import ValueGenerator
from gerador.values.number_parameters import Distribution
from gerador.values.shorthand import registered_distributions

TRICKY: Final = (
    "", "null", "~", "no", "true", "1e3", "0x1F", "007", ".5", ".inf", "12:30", "2026-01-01",
    "${NOME}", "$${NOME:-x}", "$$", "$", "- a", "# a", "a: b", "a #b",
    "é\u2028ç", "\x07\t\n", "'\"",
    "{a}", "[a]", "*a", "&a", "!a", "%a", "@a", "`a", "faker.name", "uuid", "kind", "=", "<<",
)  # fmt: skip
PROFILES: Final = (
    "max", "500/s", "0.25/s", "10k/s", {"constant": "7.5/s", "poisson": True},
    {"rows": 1000, "every": "1s"}, {"rows": 7, "every": "90s", "poisson": True},
    {"ramp": {"from": "0/s", "to": "5k/s", "over": "2m"}},
    {"sine": {"from": "1/s", "to": "2/s", "period": "10m", "phase": "90s"}, "poisson": True},
    {"diurnal": {"low": "1/s", "high": "2k/s", "peak": 20.5}},
    {"steps": [{"rate": "1k/s", "for": "1m"}, {"rate": "0/s", "for": "30.5s"}], "repeat": True},
)  # fmt: skip
CHANGES: Final = (
    {}, {"5m": {"burst": 50_000}, "10m": "pause", "11m": "resume"},
    {"0s": {"rate": "10k/s", "over": "2m"}, "1.000000001s": {"rate": {"ramp": {
        "from": "1/s", "to": "2/s", "over": "1ms"}}}},
)  # fmt: skip
LIVE_CHANGES: Final = (
    (), [{"row": 5, "at": "1.5s", "action": "pause"}],
    [{"row": 5, "at": 2, "rate": "5/s", "over": "1m"}],
    [{"row": 0, "at": "0s", "burst": 3}, {"row": 9, "at": "12.345678901s", "rate": "max"}],
)  # fmt: skip
HEADERS: Final = ({}, {"origem": "loja"}, {"n": "row_index", "c": {"constant": "row_index"}})
texts = st.one_of(st.sampled_from(TRICKY), st.text(max_size=8))
names = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True),
    st.sampled_from([*GENERATORS, *CONTAINERS, "kind", "else", "null", "name", "items", "fields"]),
)
plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), texts,
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
anything = st.recursive(
    plain,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a valid model of a scenario; its values need not be valid together."""
    drawn = draw(
        st.fixed_dictionaries(
            {"streams": st.dictionaries(names, streams(), min_size=1, max_size=2)},
            optional={
                "description": texts,
                "seed": st.integers(0, 2**63 - 1),
                "start": st.datetimes(datetime(1970, 1, 2), datetime(2261, 1, 1)).map(  # noqa: DTZ001
                    lambda d: d.replace(tzinfo=UTC)
                ),
                "backfill_speed": st.sampled_from(["max", "60x", "1.5"]),
                "locale": st.sampled_from(["pt_BR", "en_US"]),
                "rate": st.sampled_from(["max", "500/s", 0.25]),
            },
        )
    )
    return Scenario.model_validate(drawn)


@st.composite
def streams(draw: st.DrawFn) -> StreamModel:
    """Draw a stream."""
    topic = st.one_of(
        st.sampled_from(["t", "a.b-c"]),
        st.fixed_dictionaries(
            {},
            optional={
                "name": st.just("t"),
                "key": names,
                "partitions": st.integers(1, 9),
                "replication_factor": st.just(3),
                "config": st.dictionaries(texts, st.one_of(texts, st.integers(), st.booleans())),
            },
        ),
    )
    drawn = draw(
        st.fixed_dictionaries(
            {"fields": st.dictionaries(names, values(), max_size=3)},
            optional={
                "topic": topic,
                "doc": texts,
                "locale": st.just("de_DE"),
                "rows": st.integers(1, 2**53 - 1),
                "schema": texts.filter(bool),
                "let": st.dictionaries(names, values(), max_size=2),
                "rate": st.sampled_from(PROFILES),
                "at": st.sampled_from(CHANGES),
                "live_changes": st.sampled_from(LIVE_CHANGES),
                "headers": st.sampled_from(HEADERS),
                "format": st.sampled_from(["avro", "json", "protobuf"]),
                "weight": st.integers(1, 9),
                "generation_rows": st.integers(1, 1_000_000),
            },
        )
    )
    return StreamModel.model_validate(drawn)


def values(depth: int = 1) -> st.SearchStrategy[ValueGenerator]:
    """Draw any generator, with containers nested up to `depth`."""
    known = GENERATORS if depth == 0 else GENERATORS | CONTAINERS
    return st.sampled_from(sorted(known)).flatmap(lambda word: declared(known[word], depth))


@st.composite
def declared(draw: st.DrawFn, kind: type[BaseModel], depth: int, *, number: bool = False) -> Any:
    """Draw a generator, or a part of one, with any of its parameters."""
    common = set(ValueGenerator.model_fields)
    fields = {n: f for n, f in kind.model_fields.items() if not (number and n in common)}
    optional = [n for n, f in fields.items() if n != "kind" and not f.is_required()]
    chosen = draw(st.sets(st.sampled_from(optional), max_size=3)) if optional else set()
    drawn = {
        f.alias or name: draw(of(f.annotation, tuple(f.metadata), depth))
        for name, f in fields.items()
        if f.is_required() or name in chosen
    }
    try:
        return kind.model_validate(drawn)
    except ValidationError:
        from hypothesis import reject  # noqa: PLC0415 - the model rejects some combinations

        reject()


def of(annotation: Any, limits: tuple[Any, ...], depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of an annotation."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return of(inner, (*limits, *more), depth)
    read = [m.func for m in limits if isinstance(m, BeforeValidator)]
    if expand_value in read:
        return st.deferred(lambda: values(max(0, depth - 1)))
    if origin in {Union, UnionType} and Distribution in get_args(annotation):
        return st.one_of(st.integers(-9, 9), st.floats(-9, 9), numbers(depth))
    if origin in {Union, UnionType}:
        return st.one_of(*(of(member, limits, depth) for member in get_args(annotation)))
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin in {list, tuple}:
        least = next((m.min_length for m in limits if hasattr(m, "min_length")), 0)
        return st.lists(of(get_args(annotation)[0], (), depth), min_size=least, max_size=3)
    if origin is dict:
        return st.dictionaries(
            names, of(get_args(annotation)[1], (), depth), min_size=1, max_size=3
        )
    return _single(annotation, limits, depth)


def numbers(depth: int) -> st.SearchStrategy[Any]:
    """Draw a distribution as a number parameter; its own parameters are plain numbers."""
    if depth <= 0:
        return st.integers(0, 9)
    return st.sampled_from(tuple(registered_distributions())).flatmap(
        lambda kind: declared(GENERATORS[kind], 0, number=True)
    )


def _single(annotation: Any, limits: tuple[Any, ...], depth: int) -> st.SearchStrategy[Any]:
    low = next((m.ge for m in limits if hasattr(m, "ge")), None)
    low = next((m.gt + 1 for m in limits if hasattr(m, "gt")), low)
    high = next((m.le for m in limits if hasattr(m, "le")), None)
    if annotation is int:
        return st.integers(None if low is None else int(low), None if high is None else int(high))
    if annotation is float:
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    plainly = {
        bool: st.booleans(), str: texts, NoneType: st.none(), Any: anything,
        datetime: st.datetimes(timezones=st.sampled_from([None, UTC])), date: st.dates(),
    }  # fmt: skip
    return plainly[annotation] if annotation in plainly else declared(annotation, depth)
