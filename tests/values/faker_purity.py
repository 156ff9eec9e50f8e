"""Compare the values of every Faker provider in two processes that differ in all that is impure.

    python -m tests.values.faker_purity [LOCALE …]

prints each provider and locale (default: all, five minutes) whose values differ: by the seed of the
global random numbers, the hash seed, the date, the time zone, or the order of the locales.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import random
import subprocess
import sys
import time
import warnings
from functools import cache
from typing import Any

from gerador.errors import SettingError
from gerador.randomness import StreamSeeds
from gerador.values import faker_pool

SLOW = frozenset({"binary", "tar", "zip"})
"""Providers of megabytes, in every locale the same: they run once."""


def shift_clock(today: str) -> None:
    """Let Python's clocks start at a date."""
    offset = dt.datetime.fromisoformat(today) - dt.datetime.now()  # noqa: DTZ005
    real_datetime, real_time = dt.datetime, time.time

    class Date(dt.date):
        @classmethod
        def today(cls) -> Any:
            moment = real_datetime.now() + offset
            return cls(moment.year, moment.month, moment.day)

    class Datetime(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            moment = real_datetime.now(tz) + offset
            return cls.combine(moment.date(), moment.timetz())

        @classmethod
        def today(cls) -> Any:
            return cls.now()

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(dt.UTC).replace(tzinfo=None)

    dt.date, dt.datetime = Date, Datetime  # type: ignore[misc]
    time.time = lambda: real_time() + offset.total_seconds()


def print_digests(today: str, seed: int, locales: list[str]) -> None:
    """Print ``{"locale provider": digest}``; the digest of a rejected provider is its error."""
    shift_clock(today)
    random.seed(seed)
    warnings.simplefilter("ignore")
    faker_pool._faker_for_locale = cache(faker_pool._faker_for_locale)
    faker_pool._provider_names = cache(faker_pool._provider_names)
    digests = {
        f"{locale} {name}": digest(name, locale)
        for locale in locales
        for name in sorted(set(faker_pool._provider_names(faker_pool._faker_for_locale(locale))))
        if name not in SLOW or locale == faker_pool.DEFAULT_LOCALE
    }
    json.dump(digests, sys.stdout)


def digest(provider: str, locale: str) -> str:
    """Return the digest of two values, or the error of a rejected provider."""
    try:
        pool = faker_pool.draw_pool(StreamSeeds(42, "s"), "a", provider, locale, 2)
    except SettingError as e:
        return f"rejected: {e}"
    return hashlib.sha256("\n".join(pool.to_pylist()).encode()).hexdigest()


def digests_in_two_worlds(locales: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the digests of all providers of some locales, from two processes."""
    worlds = (
        ("2026-03-05T10:00", "1", "UTC", locales),
        ("2031-11-23T20:00", "2", "Asia/Tokyo", locales[::-1]),
    )
    command = [sys.executable, "-m", "tests.values.faker_purity", "--digests"]
    processes = [
        subprocess.Popen(
            [*command, today, seed, *order],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            stdout=subprocess.PIPE,
        )
        for today, seed, zone, order in worlds
    ]
    one, other = (json.loads(process.communicate()[0]) for process in processes)
    return one, other


def main(locales: list[str]) -> int:
    """Print the providers that differ; return 1 if there are any."""
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415 - the processes shift clocks first

    one, other = digests_in_two_worlds(locales or sorted(AVAILABLE_LOCALES))
    different = sorted(name for name in one if one[name] != other[name])
    lines = [*different, f"{len(one):,} providers and locales, {len(different)} differ"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if different else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--digests"]:
        print_digests(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    else:
        sys.exit(main(sys.argv[1:]))
