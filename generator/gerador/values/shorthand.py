"""Expand the short forms of generators in scenario files, such as ``{poisson: 2, min: 1}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gerador.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gerador.values.declaration import ValueGenerator


FAKER_PREFIX: Final = "faker."
COMMON_PARAMETERS: Final = frozenset({"null", "unique", "type", "doc"})
"""Parameters of every generator, which may precede the kind."""
_GENERATORS: Final[dict[str, type[ValueGenerator]]] = {}
_DISTRIBUTIONS: Final[dict[str, type[ValueGenerator]]] = {}


def register_generators(generators: Mapping[str, type[ValueGenerator]]) -> None:
    """Register generators by kind."""
    _GENERATORS.update(generators)


def registered_generators() -> Mapping[str, type[ValueGenerator]]:
    """Return the registered generators by kind."""
    return _GENERATORS


def register_distributions(distributions: Mapping[str, type[ValueGenerator]]) -> None:
    """Register the generators that can be the value of a number parameter, by kind."""
    _DISTRIBUTIONS.update(distributions)


def registered_distributions() -> Mapping[str, type[ValueGenerator]]:
    """Return the registered distributions by kind."""
    return _DISTRIBUTIONS


def kind_of(value: Any) -> str | None:
    """Return the first key of a mapping besides the common ones if it is a kind; else None."""
    keys = [k for k in value if k not in COMMON_PARAMETERS] if isinstance(value, dict) else []
    return keys[0] if keys and isinstance(keys[0], str) and keys[0] in _GENERATORS else None


def expand_number(value: Any) -> Any:
    """Return the short form of a distribution expanded; numbers unchanged.

    Raises ValueError: not a distribution.
    """
    if not isinstance(value, dict | str):
        return value
    reject_kind_key(value)
    kind = (kind_of(value) or next(iter(value), "")) if isinstance(value, dict) else value
    if kind not in _DISTRIBUTIONS:
        advice = f"expected a number or one of {', '.join(_DISTRIBUTIONS)}"
        hint = did_you_mean(str(kind), _DISTRIBUTIONS, advice)
        raise ValueError(f"{kind!r} is not a number or distribution{hint}")
    if not isinstance(value, dict):
        return {"kind": value}
    number = expand_mapping(value)
    for name in sorted(COMMON_PARAMETERS & number.keys()):
        raise ValueError(f"{name!r} applies to fields, not to parameters; remove it")
    return number


def reject_kind_key(value: Any) -> None:
    """Reject a mapping whose first key is ``kind``.

    Raises ValueError: the message shows the valid form.
    """
    if isinstance(value, dict) and next(iter(value), None) == "kind":
        raise ValueError(
            f"the kind is a key, not a value: write {{{value['kind']}: …}}; "
            "for a record with a field named kind: {record: {kind: …}}"
        )


def expand_mapping(value: dict[Any, Any]) -> dict[str, Any]:
    """Return the short form of a generator as ``{"kind": …, parameter: …}``.

    Raises ValueError: a duplicate parameter, or a value where parameters are expected.
    """
    kind = str(kind_of(value))
    generator = _GENERATORS[kind]
    inner = value[kind]
    siblings = {k: v for k, v in value.items() if k != kind}
    if isinstance(inner, dict) and _are_parameters(inner, generator):
        duplicates = sorted(inner.keys() & siblings.keys())
        if duplicates:
            raise ValueError(f"duplicate parameter {duplicates[0]!r}; keep one")
        return {"kind": kind, **inner, **siblings}
    if inner is None:
        return {"kind": kind, **siblings}
    if generator.main_parameter is None:
        raise ValueError(
            f"{kind!r} takes a mapping of parameters, not {inner!r}; "
            "for a record with a field of this name: {record: {…}}"
        )
    return {"kind": kind, generator.main_parameter: inner, **siblings}


def _are_parameters(inner: dict[Any, Any], generator: type[ValueGenerator]) -> bool:
    """Return whether a mapping after a kind holds its parameters, not the main parameter."""
    main, parameters = generator.main_parameter, generator.model_fields
    if generator.main_is_mapping:
        return main in inner and set(inner) <= set(parameters)
    kind = kind_of(inner)
    return main is None or kind not in _DISTRIBUTIONS or kind in parameters
