"""State machines: which states follow, how long they last, when they begin again."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from gerador.errors import SettingError
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.state_durations import duration_probabilities
from gerador.values.state_machine import StateMachineGenerator
from tests.values.generated_rows import assert_share
from tests.values.generated_streams import assert_any_cut, columns, spec, tables

SHOP = {
    "browse": {"to": {"cart": 1, "leave": 3}, "lasts": {"poisson": 2}},
    "cart": {"to": {"browse": 1, "buy": 1}},
    "buy": {"lasts": 2},
    "leave": {},
}


def visits(
    states: dict[str, Any], of: int = 200, rows: int = 20_000, **more: Any
) -> list[list[str]]:
    """Return the states that each key goes through, step by step."""
    fields = {
        "k": RoundRobinGenerator(of=of),
        "s": StateMachineGenerator(states=states, per="k", **more),
    }
    values = columns(tables(spec("s", {"k": "int", "s": "string"}, fields)), "s", 0, rows)["s"]
    return [values[k::of] for k in range(of)]


def test_only_declared_states_follow():
    """A machine goes where weights lead, stays, or begins again behind an end."""
    for key in visits(SHOP, restart=1_000):
        assert key[0] == "browse"
        for a, b in pairwise(key):
            ends = not SHOP[a].get("to") and b == "browse"
            assert a == b or b in SHOP[a].get("to", {}) or ends


def test_states_follow_by_their_weights():
    """Of those that leave a state, each next one has its weight's share."""
    states = {"a": {"to": {"b": 1, "c": 3}}, "b": {"to": {"a": 1}}, "c": {"to": {"a": 1}}}
    left = [b for key in visits(states, restart=500) for a, b in pairwise(key) if a == "a"]
    assert_share(left.count("b"), len(left), 0.25)


def test_constant_dwell():
    """A state that lasts three steps lasts three steps."""
    states = {"a": {"to": {"b": 1}, "lasts": 3}, "b": {"to": {"a": 1}, "lasts": 2}}
    (key,) = visits(states, of=1, rows=100, restart=4_096)
    assert [(s, len(list(g))) for s, g in groupby(key)][:4] == [("a", 3), ("b", 2)] * 2


@pytest.mark.parametrize(
    ("lasts", "steps", "share"),
    [
        (UniformDistribution(min=1, max=4), 1, 0.25),
        (UniformDistribution(min=1, max=4), 3, 0.75),
        (PoissonDistribution(mean=2), 1, 0.4060058497098381),
        (PoissonDistribution(mean=2, min=2), 1, 0.0),
        (PoissonDistribution(mean=2, max=3), 3, 1.0),
        (PoissonDistribution(mean=2, min=2), 2, 0.4556788418556054),
        (ExponentialDistribution(mean=4), 1, 0.3127107212090278),
        (ExponentialDistribution(mean=4, max=3), 1, 0.5926665999540697),
        (ExponentialDistribution(mean=4, min=2, max=6), 1, 0.0),
        (ExponentialDistribution(mean=4, min=2, max=6), 6, 1.0),
        (ExponentialDistribution(mean=0), 1, 1.0),
        (7, 6, 0.0),
        (7, 7, 1.0),
    ],
)
def test_dwells_have_their_law(lasts: Any, steps: int, share: float):
    """How likely a state lasts at most so many steps, at least one."""
    assert duration_probabilities(lasts, 10)[steps - 1] == pytest.approx(share, abs=1e-12)


def test_dwells_are_drawn_by_their_law():
    """A quarter of the stays of 1 to 4 steps has each length."""
    states = {
        "a": {"to": {"b": 1}, "lasts": {"uniform": {"min": 1, "max": 4}}},
        "b": {"to": {"a": 1}},
    }
    runs = [[(s, len(list(g))) for s, g in groupby(k)] for k in visits(states, restart=4_096)]
    stays = [length for key in runs for state, length in key[:-1] if state == "a"]
    for length in (1, 2, 3, 4):
        assert_share(stays.count(length), len(stays), 0.25)


def test_machines_begin_again_after_restart():
    """Every `restart` steps a machine stands where it starts."""
    states = {"a": {"to": {"b": 1}}, "b": {"lasts": 4_000}}
    for key in visits(states, of=5, rows=500, start="a", restart=8):
        assert [s == "a" for s in key] == [n % 8 == 0 for n in range(100)]


def test_enums_take_states_in_any_order():
    """States of an enum are its symbols, wherever they stand."""
    enum = {"type": "enum", "name": "E", "symbols": ["z", "b", "a"]}
    fields = {
        "k": RoundRobinGenerator(of=5),
        "s": StateMachineGenerator(states={"a": {"to": {"b": 1}}, "b": {}}, per="k"),
    }
    values = columns(tables(spec("s", {"k": "int", "s": enum}, fields)), "s", 0, 20)["s"]
    assert values == ["a"] * 5 + ["b"] * 5 + ["a"] * 5 + ["b"] * 5


def test_states_are_the_same_in_any_cut_and_beside_any_field():
    """Any cut and any neighbour give the same states."""
    fields = {"k": RoundRobinGenerator(of=7), "s": StateMachineGenerator(states=SHOP, per="k")}
    alone = spec("s", {"k": "int", "s": "string"}, fields)
    assert_any_cut(alone, name="s")
    beside = spec("s", {"x": "double", "s": "string", "k": "int"}, fields)
    both = (columns(tables(made), "s", 0, 500)["s"] for made in (alone, beside))
    assert next(both) == next(both)


def test_keys_by_event_time():
    """Keys that do not take turns go by spans of event time."""
    states = {f"s{n}": {"to": {f"s{(n + 1) % 9}": 1}} for n in range(9)}
    declared = StateMachineGenerator(states=states, per="k", every=0.1, restart=9)
    fields = {"k": UniformDistribution(min=1, max=3), "s": declared}
    values = columns(tables(spec("s", {"k": "long", "s": "string"}, fields)), "s", 0, 2_000)["s"]
    numbers = np.array([int(v[1:]) for v in values])
    assert ((np.diff(numbers) % 9) <= 1).all()
    assert len(set(values)) == 9


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (
            {"states": {"a": {"to": {"bb": 1}}, "b": {}}},
            "states.a.to: no state 'bb'; did you mean 'b'?",
        ),
        ({"states": {"a": {}}, "start": "c"}, "start: no state 'c'; states: a"),
        ({"states": {"a": {"to": {"a": -1}}}}, "weights {'a': -1.0}; each is finite, 0 or more"),
        ({"states": {"a": {"to": {"a": 0}}}}, "and one of them is more"),
        ({"states": {"a": {"lasts": 0}}}, "lasts 0 steps; give 1 or more"),
        (
            {"states": {"a": {"lasts": {"zipf": 1, "max": 3}}}},
            "lasts of kind 'zipf'; give a number",
        ),
        (
            {"states": {"a": {"lasts": {"poisson": {"mean": {"poisson": 3}}}}}},
            "with a drawn parameter; give numbers",
        ),
        ({"states": {"a": {"lasts": {"poisson": -2}}}}, "lasts: mean -2; give at least 0"),
        (
            {"states": {"a": {"lasts": {"exponential": 2, "min": 5, "max": 1}}}},
            "lasts: range 5 to 1; give the smaller first",
        ),
        ({"states": {"a": {}}, "per": "n"}, "field 'n' is of kind 'sequence'"),
    ],
)
def test_what_makes_no_sense_is_refused(declared: dict[str, Any], said: str):
    """Unknown states, weights and lengths that cannot be are refused by name."""
    fields = {
        "k": RoundRobinGenerator(of=3),
        "n": SequenceGenerator(),
        "s": StateMachineGenerator(**{"per": "k", **declared}),
    }
    with pytest.raises(SettingError) as refused:
        spec("s", {"k": "int", "n": "long", "s": "string"}, fields)
    assert said.rpartition(": ")[2] in str(refused.value)


def test_states_that_are_no_symbols_are_refused():
    """A state of an enum must be one of its symbols."""
    enum = {"type": "enum", "name": "E", "symbols": ["paid", "open"]}
    fields = {
        "k": RoundRobinGenerator(of=3),
        "s": StateMachineGenerator(states={"payd": {}}, per="k"),
    }
    with pytest.raises(SettingError, match=r"'payd' is no symbol of 'E'; did you mean 'paid'\?"):
        spec("s", {"k": "int", "s": enum}, fields)


def test_a_machine_without_states_is_refused():
    """There is at least one state."""
    with pytest.raises(ValidationError):
        StateMachineGenerator(states={}, per="k")
