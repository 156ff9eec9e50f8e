"""What can be declared about a field: how its values are chosen.

Frozen, strict declarations with a `kind` word each, as they stand in a scenario file. Holds no
values, no randomness and no Arrow; whether a declaration suits a field is judged in `fit`.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import Discriminator

from gerador.scenario.fields.bounded import (
    BetaField,
    LoguniformField,
    TriangularField,
    UniformField,
    ZipfField,
)
from gerador.scenario.fields.counted import SequenceField, TurnsField
from gerador.scenario.fields.declared import NULL_SHARE, Declared
from gerador.scenario.fields.geo import LatitudeField, LongitudeField
from gerador.scenario.fields.keyed import StatesField, WalkField
from gerador.scenario.fields.laws import (
    ExponentialField,
    LognormalField,
    NormalField,
    PoissonField,
)
from gerador.scenario.fields.listed import ChoiceField, ConstantField
from gerador.scenario.fields.nested import (
    DigitsField,
    LengthField,
    PythonField,
    SqlField,
    WholeField,
)
from gerador.scenario.fields.numbers import Number
from gerador.scenario.fields.random_texts import BytesField, RegexField, TextField
from gerador.scenario.fields.related import FromField
from gerador.scenario.fields.spans import SpanField
from gerador.scenario.fields.texts import (
    BooleanField,
    FakerField,
    GenerationIdField,
    IpField,
    SymbolField,
    TemplateField,
    UuidField,
)
from gerador.scenario.fields.times import (
    CalendarField,
    DateField,
    EventTimeField,
    OffsetField,
    TimestampField,
)
from gerador.scenario.fields.together import TogetherField
from gerador.scenario.fields.written import register

FieldSpec: TypeAlias = Annotated[
    BetaField
    | BooleanField
    | BytesField
    | CalendarField
    | ChoiceField
    | ConstantField
    | DateField
    | DigitsField
    | EventTimeField
    | ExponentialField
    | FakerField
    | FromField
    | GenerationIdField
    | IpField
    | LatitudeField
    | LengthField
    | LognormalField
    | LoguniformField
    | LongitudeField
    | NormalField
    | OffsetField
    | PoissonField
    | PythonField
    | RegexField
    | SequenceField
    | SpanField
    | SqlField
    | StatesField
    | SymbolField
    | TemplateField
    | TextField
    | TimestampField
    | TogetherField
    | TriangularField
    | TurnsField
    | UniformField
    | UuidField
    | WalkField
    | WholeField
    | ZipfField,
    Discriminator("kind"),
]

KINDS: Final[dict[str, type[Declared]]] = {
    kind.model_fields["kind"].default: kind
    for kind in FieldSpec.__origin__.__args__  # type: ignore[attr-defined]
}
"""Every kind of declaration by its word."""

register(KINDS)

__all__ = [
    "KINDS",
    "NULL_SHARE",
    "BetaField",
    "BooleanField",
    "BytesField",
    "CalendarField",
    "ChoiceField",
    "ConstantField",
    "DateField",
    "Declared",
    "DigitsField",
    "EventTimeField",
    "ExponentialField",
    "FakerField",
    "FieldSpec",
    "FromField",
    "GenerationIdField",
    "IpField",
    "LatitudeField",
    "LengthField",
    "LognormalField",
    "LoguniformField",
    "LongitudeField",
    "NormalField",
    "Number",
    "OffsetField",
    "PoissonField",
    "PythonField",
    "RegexField",
    "SequenceField",
    "SpanField",
    "SqlField",
    "StatesField",
    "SymbolField",
    "TemplateField",
    "TextField",
    "TimestampField",
    "TogetherField",
    "TriangularField",
    "TurnsField",
    "UniformField",
    "UuidField",
    "WalkField",
    "WholeField",
    "ZipfField",
]
