"""State machines: transitions, durations and restarts."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from gerador.errors import SettingError
from gerador.events.stream_set import StreamSet
from gerador.schedule.schedule import Schedule
from gerador.schedule.target_rate import constant_rate
from gerador.values.counters import RoundRobinGenerator, SequenceGenerator
from gerador.values.distributions.exponential import ExponentialDistribution
from gerador.values.distributions.poisson import PoissonDistribution
from gerador.values.distributions.uniform import UniformDistribution
from gerador.values.state_durations import duration_probabilities
from gerador.values.state_machine import (
    StateMachineGenerator,
    mean_cycle_steps,
    transition_tables,
)
from tests.values.generated_rows import assert_share
from tests.values.generated_streams import START_NS, assert_any_cut, columns, spec, tables

SHOP = {
    "browse": {"to": {"cart": 1, "leave": 3}, "steps": {"poisson": 2}},
    "cart": {"to": {"browse": 1, "buy": 1}},
    "buy": {"steps": 2},
    "leave": {},
}


def visits(
    states: dict[str, Any], of: int = 200, rows: int = 20_000, **more: Any
) -> list[list[str]]:
    """Return the state of each key at each step."""
    fields = {
        "k": RoundRobinGenerator(count=of),
        "s": StateMachineGenerator(states=states, key="k", **more),
    }
    values = columns(tables(spec("s", {"k": "int", "s": "string"}, fields)), "s", 0, rows)["s"]
    return [values[k::of] for k in range(of)]


def test_only_declared_transitions_occur():
    """A machine stays, follows a transition, or restarts after a final state."""
    for key in visits(SHOP, max_steps=1_000):
        assert key[0] == "browse"
        for a, b in pairwise(key):
            ends = not SHOP[a].get("to") and b == "browse"
            assert a == b or b in SHOP[a].get("to", {}) or ends


def test_transitions_have_their_weights():
    """Each transition of a state has the share of its weight."""
    states = {"a": {"to": {"b": 1, "c": 3}}, "b": {"to": {"a": 1}}, "c": {"to": {"a": 1}}}
    left = [b for key in visits(states, max_steps=500) for a, b in pairwise(key) if a == "a"]
    assert_share(left.count("b"), len(left), 0.25)


def test_constant_duration():
    """A state lasts the declared number of steps."""
    states = {"a": {"to": {"b": 1}, "steps": 3}, "b": {"to": {"a": 1}, "steps": 2}}
    (key,) = visits(states, of=1, rows=100, max_steps=4_096)
    assert [(s, len(list(g))) for s, g in groupby(key)][:4] == [("a", 3), ("b", 2)] * 2


@pytest.mark.parametrize(
    ("duration", "steps", "share"),
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
def test_duration_probabilities(duration: Any, steps: int, share: float):
    """The probability that a state lasts at most so many steps."""
    assert duration_probabilities(duration, 10)[steps - 1] == pytest.approx(share, abs=1e-12)


def test_random_durations():
    """Uniform durations of 1 to 4 steps are equally likely."""
    states = {
        "a": {"to": {"b": 1}, "steps": {"uniform": {"min": 1, "max": 4}}},
        "b": {"to": {"a": 1}},
    }
    runs = [[(s, len(list(g))) for s, g in groupby(k)] for k in visits(states, max_steps=4_096)]
    stays = [length for key in runs for state, length in key[:-1] if state == "a"]
    for length in (1, 2, 3, 4):
        assert_share(stays.count(length), len(stays), 0.25)


def test_machines_restart():
    """Every `max_steps` steps, a machine is in its initial state."""
    states = {"a": {"to": {"b": 1}}, "b": {"steps": 4_000}}
    for key in visits(states, of=5, rows=500, start="a", max_steps=8):
        assert [s == "a" for s in key] == [n % 8 == 0 for n in range(100)]


def test_states_of_an_enum():
    """States can be the symbols of an enum in any order."""
    enum = {"type": "enum", "name": "E", "symbols": ["z", "b", "a"]}
    fields = {
        "k": RoundRobinGenerator(count=5),
        "s": StateMachineGenerator(states={"a": {"to": {"b": 1}}, "b": {}}, key="k"),
    }
    values = columns(tables(spec("s", {"k": "int", "s": enum}, fields)), "s", 0, 20)["s"]
    assert values == ["a"] * 5 + ["b"] * 5 + ["a"] * 5 + ["b"] * 5


def test_states_do_not_depend_on_cuts_or_other_fields():
    """Any cut and any other field give the same states."""
    fields = {"k": RoundRobinGenerator(count=7), "s": StateMachineGenerator(states=SHOP, key="k")}
    alone = spec("s", {"k": "int", "s": "string"}, fields)
    assert_any_cut(alone, name="s")
    with_other = spec("s", {"x": "double", "s": "string", "k": "int"}, fields)
    both = (columns(tables(made), "s", 0, 500)["s"] for made in (alone, with_other))
    assert next(both) == next(both)


def states_by_key(
    states: dict[str, Any], *, keys: int = 200, rows: int = 40_000, **more: Any
) -> list[list[str]]:
    """Return the states of each key in its rows, 1 ms apart, with steps by event time."""
    machine = StateMachineGenerator(states=states, key="k", **{"every": 0.5, **more})
    fields = {"k": UniformDistribution(min=1, max=keys), "s": machine}
    made = columns(tables(spec("s", {"k": "long", "s": "string"}, fields)), "s", 0, rows)
    found: list[list[str]] = [[] for _ in range(keys)]
    for key, state in zip(made["k"], made["s"], strict=True):
        found[key - 1].append(state)
    return found


def test_steps_by_event_time():
    """With `every`, keys of any kind advance by event time, and begin in their initial state."""
    ring = {f"s{n}": {"to": {f"s{(n + 1) % 9}": 1}} for n in range(9)}
    for key in states_by_key(ring, keys=3, rows=20_000, start="s4", max_steps=90):
        numbers = np.array([int(v[1:]) for v in key])
        assert numbers[0] == 4
        assert ((np.diff(numbers) % 9) <= 1).all()
        assert len(set(key)) == 9


@pytest.mark.parametrize("rows", [(0, 1), (1_000_000, 1_000_001)])
def test_the_first_state_does_not_depend_on_the_start(rows: tuple[int, int]):
    """Steps are counted from the start of the stream, not from 1970."""
    declared = StateMachineGenerator(states={"a": {"to": {"b": 1}}, "b": {}}, key="k", every=7)
    stream = spec(
        "s", {"k": "int", "s": "string"}, {"k": RoundRobinGenerator(count=50), "s": declared}
    )
    made = [
        StreamSet([stream], 7, {"s": Schedule.starting(START_NS + later, constant_rate(1_000))})
        for later in (0, 7_000_000_000, 12_345_000_000)
    ]
    first, *others = (columns(streams, "s", *rows)["s"] for streams in made)
    assert all(other == first for other in others)


def test_keys_do_not_change_together():
    """With `every`, each key has a phase of its own, also if all durations are constant."""
    orders = {"new": {"to": {"paid": 1}}, "paid": {"to": {"done": 1}, "steps": 2}, "done": {}}
    keys = states_by_key(orders, every=10)
    assert all(key[0] == "new" for key in keys)
    at_the_end = [key[-1] for key in states_by_key(orders, every=1, rows=60_000)]
    for state, share in (("new", 0.25), ("paid", 0.5), ("done", 0.25)):
        assert_share(at_the_end.count(state), len(at_the_end), share)


@pytest.mark.parametrize(
    ("states", "max_steps", "steps"),
    [
        ({"a": {}}, 64, 1.0),
        ({"a": {"steps": 100}}, 64, 64.0),
        ({"a": {"steps": 5}}, 1, 1.0),
        (
            {"a": {"to": {"b": 1}}, "b": {"to": {"c": 1, "d": 3}}, "c": {"steps": 5}, "d": {}},
            64,
            4.0,
        ),
        ({"a": {"to": {"b": 1}}, "b": {"to": {"b": 1}}}, 64, 64.0),
        ({"a": {"to": {"b": 1}}, "b": {"to": {"a": 1, "b": 1}}}, 4_096, 3.0),
        ({"a": {"steps": {"uniform": {"min": 1, "max": 4}}}}, 64, 2.5),
    ],
)
def test_mean_cycle(states: dict[str, Any], max_steps: int, steps: float):
    """The mean number of steps until a machine is in its initial state again."""
    declared = StateMachineGenerator(states=states, key="k", max_steps=max_steps)
    assert mean_cycle_steps(transition_tables(declared)) == pytest.approx(steps)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (
            {"states": {"a": {"to": {"bb": 1}}, "b": {}}},
            "states.a.to: unknown state 'bb'; did you mean 'b'?",
        ),
        ({"states": {"a": {}}, "start": "c"}, "start: unknown state 'c'; states: a"),
        (
            {"states": {"a": {"to": {"a": -1}}}},
            "weight -1 is invalid; weights must be finite and 0 or more",
        ),
        ({"states": {"a": {"to": {"a": 0}}}}, "every weight is 0"),
        ({"states": {"a": {"steps": 0}}}, "is 0 but must be 1 or more"),
        (
            {"states": {"a": {"steps": {"zipf": 1, "max": 3}}}},
            " is of kind 'zipf'; expected a number or one of uniform, poisson, exponential",
        ),
        (
            {"states": {"a": {"steps": {"poisson": {"mean": {"poisson": 3}}}}}},
            "with a random parameter; use constants",
        ),
        (
            {"states": {"a": {"steps": {"poisson": -2}}}},
            "steps: mean is -2 but must be from 0 to 1000000",
        ),
        (
            {"states": {"a": {"steps": {"exponential": 2, "min": 5, "max": 1}}}},
            "steps: min 5 is above max 1",
        ),
        ({"states": {"a": {}}, "key": "n"}, "field 'n' is of kind 'sequence'"),
    ],
)
def test_invalid_machines_are_rejected(declared: dict[str, Any], message: str):
    """The message names unknown states, and invalid weights and durations."""
    fields = {
        "k": RoundRobinGenerator(count=3),
        "n": SequenceGenerator(),
        "s": StateMachineGenerator(**{"key": "k", **declared}),
    }
    with pytest.raises(SettingError) as error:
        spec("s", {"k": "int", "n": "long", "s": "string"}, fields)
    assert message.rpartition(": ")[2] in str(error.value)


def test_states_that_are_not_symbols_are_rejected():
    """A state of an enum must be one of its symbols."""
    enum = {"type": "enum", "name": "E", "symbols": ["paid", "open"]}
    fields = {
        "k": RoundRobinGenerator(count=3),
        "s": StateMachineGenerator(states={"payd": {}}, key="k"),
    }
    with pytest.raises(SettingError, match=r"'payd' is not a symbol of 'E'; did you mean 'paid'\?"):
        spec("s", {"k": "int", "s": enum}, fields)


def test_a_machine_without_states_is_rejected():
    """A machine has at least one state."""
    with pytest.raises(ValidationError):
        StateMachineGenerator(states={}, key="k")
