"""The limits of a JSON Schema in words, behind the descriptions: editors show nothing else.

Reads schemas of properties; holds no limit and no description of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNTS: Final = (
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "items"),
    ("minProperties", "maxProperties", "entries"),
)


def with_limits(said: Any) -> Any:
    """Return the schema of a property with its limits told at the end of its description."""
    told = ", ".join(dict.fromkeys(text for form in _forms(said) for text in _limits(form)))
    if not told or "description" not in said:
        return said
    return {**said, "description": f"{said['description']} {told[0].upper()}{told[1:]}."}


def _forms(said: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and the forms that it may have, but for what they refer to or hold."""
    if isinstance(said, dict):
        yield said
        for inner in said.get("anyOf", ()):
            yield from _forms(inner)


def _limits(form: dict[str, Any]) -> Iterator[str]:
    text = _range(form)
    if text:
        yield text
    for least, most, unit in _COUNTS:
        if most in form:
            yield f"{form.get(least, 0):,} to {form[most]:,} {unit}"
        elif form.get(least, 0) > 1:
            yield f"at least {form[least]:,} {unit}"


def _range(form: dict[str, Any]) -> str:
    low, high = _shown(form, "minimum"), _shown(form, "maximum")
    above, below = _shown(form, "exclusiveMinimum"), _shown(form, "exclusiveMaximum")
    start = f"from {low}" if low else f"above {above}" if above else ""
    if not (high or below):
        return f"{low} or more" if low else start
    end = f"to {high}" if high else f"to below {below}"
    return f"{start} {end}" if start else f"at most {high}" if high else f"below {below}"


def _shown(form: dict[str, Any], keyword: str) -> str:
    return f"{form[keyword]:,}".removesuffix(".0") if keyword in form else ""
