"""Expand the short forms of generators in scenario files (`{poisson: 2, min: 1}`, `uuid`, `faker.name`) into declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.declaration import ValueGenerator


FAKER_PREFIX: Final = "faker."
COMMON_PARAMETERS: Final = frozenset({"null", "unique", "type", "doc"})
"""Words of every kind, which may stand before it."""
_GENERATORS: Final[dict[str, type[ValueGenerator]]] = {}
_DISTRIBUTIONS: Final[dict[str, type[ValueGenerator]]] = {}


def register_generators(kinds: Mapping[str, type[ValueGenerator]]) -> None:
    """Let these kinds be written."""
    _GENERATORS.update(kinds)


def register_distributions(kinds: Mapping[str, type[ValueGenerator]]) -> None:
    """Register the generators that can be the value of a number parameter, by kind."""
    _DISTRIBUTIONS.update(kinds)


def registered_distributions() -> Mapping[str, type[ValueGenerator]]:
    """Return the generators that can be the value of a number parameter, by kind."""
    return _DISTRIBUTIONS


def kind_names() -> tuple[str, ...]:
    """Return every kind that may be written."""
    return tuple(_GENERATORS)


def registered_generators() -> Mapping[str, type[ValueGenerator]]:
    """Return the declarations of every kind that may be written, by word."""
    return _GENERATORS


def kind_of(value: Any) -> str | None:
    """Return the kind that a mapping begins with, common words apart; None when it is none."""
    words = [w for w in value if w not in COMMON_PARAMETERS] if isinstance(value, dict) else []
    return words[0] if words and isinstance(words[0], str) and words[0] in _GENERATORS else None


def expand_number(value: Any) -> Any:
    """Return a number as it is, and a written distribution with its kind.

    Raises ValueError: another kind.
    """
    if not isinstance(value, dict | str):
        return value
    reject_kind_key(value)
    found = (kind_of(value) or next(iter(value), "")) if isinstance(value, dict) else value
    if found not in _DISTRIBUTIONS:
        advice = f"give a number, or one of {', '.join(_DISTRIBUTIONS)}"
        hint = did_you_mean(str(found), _DISTRIBUTIONS, advice)
        raise ValueError(f"{found!r} is no number and no distribution{hint}")
    return (
        _reject_field_parameters(expand_mapping(value))
        if isinstance(value, dict)
        else {"kind": value}
    )


def _reject_field_parameters(number: dict[str, Any]) -> dict[str, Any]:
    """Refuse what says something of a field, of which a number has none."""
    for word in sorted(COMMON_PARAMETERS & number.keys()):
        raise ValueError(f"{word!r} is for a field, not for a number; remove it")
    return number


def reject_kind_key(value: Any) -> None:
    """Refuse a mapping that names its kind as the model does.

    Raises ValueError: says how it is written.
    """
    if isinstance(value, dict) and next(iter(value), None) == "kind":
        raise ValueError(
            f"kind stands for itself: write {{{value['kind']}: …}}; "
            "for a record with a field called kind, {record: {kind: …}}"
        )


def expand_mapping(value: dict[Any, Any]) -> dict[str, Any]:
    """Return a written mapping as ``{"kind": …, parameter: …}``.

    Raises ValueError: a parameter stands twice.
    """
    kind = str(kind_of(value))
    main = _GENERATORS[kind].main_parameter
    inner = value[kind]
    beside = {k: v for k, v in value.items() if k != kind}
    if isinstance(inner, dict) and _are_parameters(inner, _GENERATORS[kind]):
        twice = sorted(inner.keys() & beside.keys())
        if twice:
            raise ValueError(f"{twice[0]!r} stands twice; keep one")
        return {"kind": kind, **inner, **beside}
    if inner is None:
        return {"kind": kind, **beside}
    if main is None:
        record = "; a record with a field of this name is written {record: {…}}"
        raise ValueError(f"{kind!r} takes a mapping of parameters, not {inner!r}{record}")
    return {"kind": kind, main: inner, **beside}


def _are_parameters(inner: dict[Any, Any], kind: type[ValueGenerator]) -> bool:
    """Tell whether a mapping behind a kind holds its parameters, or is the main one itself."""
    if kind.main_is_mapping:
        return kind.main_parameter in inner and set(inner) <= set(kind.model_fields)
    number = kind_of(inner)
    return (
        kind.main_parameter is None or number not in _DISTRIBUTIONS or number in kind.model_fields
    )
