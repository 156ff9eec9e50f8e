"""Kinds of numbers by laws without ends: normal, lognormal, exponential, poisson."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from gerador.scenario.fields.reach import (
    MEANS_FAR,
    MEANS_NEAR,
    SDS_FAR,
    SDS_NEAR,
    Limit,
    Reach,
    plain,
    reach_of,
)
from gerador.scenario.fields.shares import normal_share, poisson_share
from gerador.scenario.fields.spread import Spread, constants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gerador.scenario.fields.numbers import Number

POISSON_MEAN_MAX: Final = 1_000_000
SIGMA_MAX: Final = 50


class NormalField(Spread):
    """Normal with a mean and a standard deviation (`sd`)."""

    kind: Literal["normal"] = "normal"
    mean: Number = 0.0
    """The mean, and the value that comes most."""
    sd: Number = 1.0
    """The standard deviation, 0 or more."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"sd": Limit(0)}

    def _reach(self, *, far: bool) -> Reach:
        (low, high), sds = reach_of(self.mean), SDS_FAR if far else SDS_NEAR
        width = sds * reach_of(self.sd).high
        return Reach(low - width, high + width)

    def _between(self, low: float, high: float) -> float:
        mean, sd = constants(self.mean, self.sd)
        if not sd:
            return float(low <= mean <= high)
        return normal_share((low - mean) / sd, (high - mean) / sd)


class LognormalField(Spread):
    """Lognormal: its median, and the standard deviation `sigma` of its logarithm."""

    kind: Literal["lognormal"] = "lognormal"
    median: Number = 1.0
    """Half of the values are below it; above 0."""
    sigma: Number = 1.0
    """Standard deviation of the values' natural logarithm, 0 to 50."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"median": Limit(0, above=True), "sigma": Limit(0, SIGMA_MAX)}

    def _reach(self, *, far: bool) -> Reach:
        (low, high), sds = reach_of(self.median), SDS_FAR if far else SDS_NEAR
        factor = math.exp(min(sds * reach_of(self.sigma).high, 600.0))
        return Reach(max(low, 0.0) / factor, high * factor)

    def _between(self, low: float, high: float) -> float:
        median, sigma = constants(self.median, self.sigma)
        if not sigma:
            return float(low <= median <= high)
        ends = [-math.inf if e <= 0 else math.log(e / median) for e in (low, high)]
        return normal_share(ends[0] / sigma, ends[1] / sigma)


class ExponentialField(Spread):
    """Exponential with a mean."""

    main: ClassVar[str | None] = "mean"
    kind: Literal["exponential"] = "exponential"
    mean: Number
    """The mean, above 0."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"mean": Limit(0, above=True)}

    def _reach(self, *, far: bool) -> Reach:
        return Reach(0.0, (MEANS_FAR if far else MEANS_NEAR) * reach_of(self.mean).high)

    def _between(self, low: float, high: float) -> float:
        (mean,) = constants(self.mean)
        return math.exp(-max(low, 0) / mean) - math.exp(-max(high, 0) / mean)


class PoissonField(Spread):
    """Poisson counts with a mean of 0 to 1,000,000, by exact shares.

    Where the mean is drawn and 1,000 or more, shares are within 3e-5 of the exact ones.
    """

    main: ClassVar[str | None] = "mean"
    kind: Literal["poisson"] = "poisson"
    mean: Number
    """The mean count, 0 to 1,000,000."""
    decimals: Literal[0] = 0
    """Counts have none."""

    def _limits(self) -> Mapping[str, Limit]:
        return {"mean": Limit(0, POISSON_MEAN_MAX)}

    def _about_parameters(self) -> Iterator[tuple[str, str]]:
        yield from super()._about_parameters()
        if (most := plain(self.max)) is not None and most < 0:
            yield "max", f"max {self.max}; counts are 0 or more"

    def _reach(self, *, far: bool) -> Reach:
        low, high = (max(end, 0.0) for end in reach_of(self.mean))
        sds = SDS_FAR if far else SDS_NEAR
        spread = sds * math.sqrt(high) + sds * sds / 2
        return Reach(max(0.0, low - sds * math.sqrt(low)), high + spread)

    def _between(self, low: float, high: float) -> float:
        (mean,) = constants(self.mean)
        return poisson_share(mean, low, high)
