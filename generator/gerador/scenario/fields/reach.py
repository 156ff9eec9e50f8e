"""How far numbers reach that may be drawn, and whether a parameter may reach so far.

Reaches are intervals, with what fewer than one of a thousand million values lie beyond; what a
parameter may be is judged by them before a row is made.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeAlias

from gerador.scenario.fields.declared import NUMBERS, Declared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Plain: TypeAlias = "int | float"

SDS_NEAR: Final = 6.0
"""Standard deviations beyond which a thousand-millionth of the normal law lies."""
SDS_FAR: Final = 9.0
"""The same where a range cuts out as little as a thousand-millionth of it."""
MEANS_NEAR: Final = 21.0
MEANS_FAR: Final = 42.0
"""Likewise in means of the exponential law."""


class Limit(NamedTuple):
    """What a parameter may be: [least, most], or (least, most] where it is `above`."""

    least: float = -math.inf
    most: float = math.inf
    above: bool = False


class Reach(NamedTuple):
    """From where to where a number comes."""

    low: float
    high: float


class Distribution(Declared):
    """A kind that may stand wherever a number stands."""

    suits: ClassVar[frozenset[str]] = NUMBERS

    @abstractmethod
    def reach(self) -> Reach:
        """Return from where to where its numbers come, as a parameter."""


def plain(number: Any) -> Plain | None:
    """Return a number that is the same in every row; None: it is drawn, or none."""
    return number if isinstance(number, int | float) else None


def is_drawn(declared: Declared, *names: str) -> bool:
    """Tell whether one of these parameters is drawn; without names, whether any is."""
    wanted = names or tuple(type(declared).model_fields)
    return any(isinstance(getattr(declared, name), Distribution) for name in wanted)


def reach_of(number: Plain | Distribution) -> Reach:
    """Return from where to where a number comes that may be drawn."""
    return number.reach() if isinstance(number, Distribution) else Reach(number, number)


def cut(
    open_reach: Reach, low: Plain | Distribution | None, high: Plain | Distribution | None
) -> Reach:
    """Return a reach within ends that may be drawn; one that misses it is as long from there."""
    least = open_reach.low if low is None else max(open_reach.low, reach_of(low).low)
    most = open_reach.high if high is None else min(open_reach.high, reach_of(high).high)
    if least > most:
        length = open_reach.high - open_reach.low
        return Reach(least, least + length) if high is None else Reach(most - length, most)
    return Reach(least, most)


def about_limits(declared: Declared, limits: Mapping[str, Limit]) -> Iterator[tuple[str, str]]:
    """Yield constant parameters beyond their limits."""
    for name, limit in limits.items():
        number = plain(getattr(declared, name))
        if number is None:
            continue
        if number < limit.least or (limit.above and number == limit.least):
            yield name, f"{name} {number}; give {_least(limit)}"
        elif number > limit.most:
            yield name, f"{name} {number}; give {limit.most:.15g} at most"


def about_reach(name: str, drawn: Distribution, limit: Limit) -> str | None:
    """Return why a parameter must not be drawn so; None: it may."""
    low, high = drawn.reach()
    ways = []
    if low < limit.least:
        ways.append(f"min: {limit.least:.15g}")
    if high > limit.most:
        ways.append(f"max: {limit.most:.15g}")
    if not ways:
        return None
    what = f"{drawn.kind!r} gives {low:.6g} to {high:.6g}"
    if low > limit.most or high < limit.least:
        return f"{what}, and {name} is {_told(limit)}; draw it there"
    return f"{what}, and {name} is {_told(limit)}; say {' and '.join(ways)} in it"


def about_order(
    declared: Declared, *names: str, strictly: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield neighbours among parameters, of which one is drawn, that may be the wrong way round."""
    for less, more in pairwise(names):
        one, other = getattr(declared, less), getattr(declared, more)
        if one is None or other is None or not is_drawn(declared, less, more):
            continue
        high, low = reach_of(one).high, reach_of(other).low
        if high > low or (strictly and high == low):
            yield less, f"{less} comes to {high:.6g} and {more} to {low:.6g}; keep them apart"


def _least(limit: Limit) -> str:
    return f"{'more than' if limit.above else 'at least'} {limit.least:.15g}"


def _told(limit: Limit) -> str:
    if limit.most == math.inf:
        return f"{limit.least:.15g} or more"
    return f"{limit.least:.15g} to {limit.most:.15g}"
