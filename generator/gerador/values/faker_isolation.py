"""Run Faker's providers without global random numbers, the clock, the time zone or hash order.

Most providers draw from the generator that Faker passes to them. Some draw from Python's global
`random` instead (`nif` of es_ES), some read today's date (`pesel` of pl_PL), and some choose from a
list whose order depends on PYTHONHASHSEED (`city` of it_IT).
"""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from gerador.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator


NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The current time of all providers: a constant, so that values do not depend on the day."""
_MODULES: Final = "faker.providers."
_HASH_ORDERED: Final = {"faker.providers.address.it_IT": "cities"}
"""Attributes of Faker's classes by module: lists made of sets, which are sorted."""
lock: Final = threading.Lock()
"""Held while Faker imports modules, and while names in them are replaced."""


class _DateType(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, date)


class _DatetimeType(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class FixedDate(date, metaclass=_DateType):
    """A date class whose today is that of `NOW`; dates of all classes are its instances."""

    @classmethod
    def today(cls) -> FixedDate:
        """Return the date of `NOW`."""
        return cls(NOW.year, NOW.month, NOW.day)


class FixedDatetime(datetime, metaclass=_DatetimeType):
    """A datetime class whose current time is `NOW`, and whose local time zone is UTC."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> FixedDatetime:
        """Return `NOW` in a zone; None: without a zone."""
        return cls.fromtimestamp(NOW.timestamp(), tz)

    @classmethod
    def today(cls) -> FixedDatetime:
        """Return `NOW` without a zone."""
        return cls.now()

    @classmethod
    def utcnow(cls) -> FixedDatetime:
        """Return `NOW` without a zone."""
        return cls.now()

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: tzinfo | None = None) -> FixedDatetime:
        """Return a time in a zone; None: in UTC, without a zone."""
        found = super().fromtimestamp(timestamp, tz or UTC)
        return found if tz else found.replace(tzinfo=None)

    def astimezone(self, tz: tzinfo | None = None) -> FixedDatetime:
        """Return the same time in another zone; None, and times without a zone: UTC."""
        aware = self if self.tzinfo else self.replace(tzinfo=UTC)
        return super(FixedDatetime, aware).astimezone(tz or UTC)

    def timestamp(self) -> float:
        """Return the seconds since the epoch; times without a zone are UTC."""
        aware = self if self.tzinfo else self.replace(tzinfo=UTC)
        return super(FixedDatetime, aware).timestamp()


_FIXED_MODULE: Final = SimpleNamespace(**{**vars(dt), "date": FixedDate, "datetime": FixedDatetime})
"""The module `datetime` with these classes."""
_FIXED_TIME: Final = SimpleNamespace(
    **{**vars(time), "time": NOW.timestamp, "time_ns": lambda: round(NOW.timestamp() * NS_PER_S)}
)
"""The module `time` with these clocks."""


@contextmanager
def isolated(rng: Any) -> Iterator[None]:
    """Replace the global random numbers and the clock in Faker's modules during the block.

    `rng`, a `random.Random`, replaces the global generator. Only names in modules of Faker's
    providers change, so that other code keeps its random numbers and its clock. One block at a
    time: others wait.
    """
    with lock:
        replaced = list(_replacements(rng))
        originals = [getattr(target, name) for target, name, _ in replaced]
        try:
            for target, name, value in replaced:
                setattr(target, name, value)
            yield
        finally:
            for (target, name, _), value in zip(replaced, originals, strict=True):
                setattr(target, name, value)


def _replacements(rng: Any) -> Iterator[tuple[Any, str, Any]]:
    """Yield (module or class, name, value) for everything that a provider must not read."""
    # A copy: another thread may import modules.
    modules = sys.modules.copy()
    for module in [modules[name] for name in modules if name.startswith(_MODULES)]:
        for name in _impure_names(module):
            yield module, name, _replacement(getattr(module, name), rng)
        if module.__name__ in _HASH_ORDERED:
            provider, name = module.Provider, _HASH_ORDERED[module.__name__]
            yield provider, name, sorted(getattr(provider, name))


@cache
def _impure_names(module: ModuleType) -> tuple[str, ...]:
    """Return the names of random numbers and clocks in a module of Faker."""
    found = vars(module).items()
    return tuple(name for name, value in found if _is_random(value) or _is_clock(value))


def _replacement(value: Any, rng: Any) -> Any:
    if value is dt:
        return _FIXED_MODULE
    if value is time:
        return _FIXED_TIME
    if isinstance(value, type):
        return FixedDatetime if issubclass(value, datetime) else FixedDate
    return rng if isinstance(value, ModuleType) else getattr(rng, value.__name__)


def _is_clock(value: object) -> bool:
    """Return whether a value is a module with clocks, or one of `datetime`'s classes with one."""
    return value in {dt, time} if isinstance(value, ModuleType) else _is_dated(value)


def _is_dated(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, date)


def _is_random(value: object) -> bool:
    """Return whether a value is Python's module `random`, or a function of its generator."""
    if isinstance(value, ModuleType):
        return value.__name__ == "random"
    return type(getattr(value, "__self__", None)).__module__ == "random"
