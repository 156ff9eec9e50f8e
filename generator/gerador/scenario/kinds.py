"""Which kinds of declaration suit a type, and how a type is called in messages."""

from __future__ import annotations

from gerador.scenario.avro import AvroType, Fixed, Union, branch_name
from gerador.scenario.fields import KINDS
from gerador.scenario.type_words import type_word


def kinds_for(avro_type: AvroType) -> frozenset[str]:
    """Return the kinds of declaration that suit a type."""
    word = type_word(avro_type)
    return frozenset(name for name, kind in KINDS.items() if word in kind.suits)


def value_name(avro_type: AvroType) -> str:
    """Return the short name of a type, of a nullable type that of its value."""
    if isinstance(avro_type, Union) and avro_type.null_branch is not None:
        return value_name(avro_type.value)
    return "fixed" if isinstance(avro_type, Fixed) else branch_name(avro_type)


def told(avro_type: AvroType) -> str:
    """Return a type's short name with its logical type, for messages."""
    name = value_name(avro_type)
    logical = getattr(avro_type, "logical", None)
    return f"{name} ({logical.name})" if logical else name
