"""Rates and their changes as a file has them: ``500/s`` rather than ``{constant: 500/s}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from gerador.scenario.at import At

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.scenario.course import Form

_AT: Final[TypeAdapter[Any]] = TypeAdapter(At)


def course(rate: Form) -> Any:
    """Return what stands behind ``rate:``."""
    return _short(form(rate))


def form(said: Form) -> dict[str, Any]:
    """Return a form as a mapping, without what has its default."""
    made = said.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {**made, "rate": _short(made["rate"])} if isinstance(made.get("rate"), dict) else made


def changes(at: Mapping[int, Any]) -> dict[str, Any]:
    """Return what stands behind ``at:``."""
    dumped = _AT.dump_python(at, mode="json", by_alias=True, exclude_defaults=True)
    return {time: _change(change) for time, change in dumped.items()}


def _short(course: dict[str, Any]) -> Any:
    return course["constant"] if set(course) == {"constant"} else course


def _change(change: dict[str, Any]) -> Any:
    if "halt" in change:
        return change["halt"]
    return {**change, "rate": _short(change["rate"])} if "rate" in change else change
